"""Files between the steps of an import: theirs only, and gone after a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import upload
from bailiwick.engine.upkeep.purge import purge
from bailiwick.models import Upload
from tests.world import NOW, World


def test_a_file_is_gone_after_its_day(world: World) -> None:
    olga = world.actor(world.olga)
    kept = upload.store(olga, "a.csv", b"a", now=NOW)
    purge(NOW + timedelta(hours=23), leaving=lambda: False)
    assert upload.content_of(olga, kept.logical_id) == b"a"
    purge(NOW + timedelta(hours=25), leaving=lambda: False)
    with pytest.raises(InvalidParams, match="no longer kept"):
        upload.content_of(olga, kept.logical_id)


def test_the_same_content_again_is_the_same_file_for_another_day_and_another_users_is_his(world: World) -> None:
    olga, stan = world.actor(world.olga), world.actor(world.stan)
    first = upload.store(olga, "a.csv", b"a", now=NOW)
    again = upload.store(olga, "b\x00\n.csv", b"a", now=NOW + timedelta(hours=5))
    assert (again.pk, again.name, again.expires_at) == (first.pk, "b.csv", NOW + timedelta(hours=29))
    assert upload.store(stan, "a.csv", b"a", now=NOW).pk != first.pk
    assert Upload.objects.count() == 2
    with pytest.raises(InvalidParams):
        upload.content_of(stan, first.logical_id)
