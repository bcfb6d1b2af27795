"""The software that a customer's administrators may choose, on its overview (domain 10.3)."""

from __future__ import annotations

import re

from bailiwick.models import Customer
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.web.conftest import signed_in
from tests.world import World


def overview(world: World, user) -> str:
    return signed_in(user).get(f"/customers/{world.contoso.pk}").content.decode()


def test_it_lists_the_default_first_and_what_is_assigned_besides(world: World):
    may_choose(world.contoso, profile(world, "<b>6.4</b>"), profile(world, "Aalto"))
    assert "Software to choose" not in overview(world, world.olga)
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    page = overview(world, world.olga)
    names = re.findall(r'<th scope="row"><bdi>([^<]*)</bdi>', page.split("Software to choose", 1)[1])
    assert names == ["5.2 stable", "&lt;b&gt;6.4&lt;/b&gt;", "Aalto"]
    assert page.count("/actions/unassign-operator-profile/preview") == 2
    assert "/actions/unassign-operator-profile" not in overview(world, world.stan)
    assert "Software to choose" in overview(world, world.carla)


def test_a_click_previews_what_is_taken_away(world: World):
    early = profile(world)
    may_choose(world.contoso, early)
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    posted = {"id": world.contoso.pk, "params": f'{{"operator_profile": {early.pk}}}'}
    answer = signed_in(world.olga).post("/actions/unassign-operator-profile/preview", posted)
    assert answer.status_code == 200
    assert "Take it from 1 customer" in answer.content.decode()
