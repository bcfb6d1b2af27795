"""Who is left alone stands in the preview by name, before anything is done."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine.left_alone import NAMED
from bailiwick.engine.preview import preview
from tests.world import World

ALERTS = MENU["update-customer-alerts"]


def shown(world: World, *ids: int):
    chosen = {"ids": list(ids)}
    return preview(world.actor(world.olga), ALERTS, select=chosen, raw={"enabled": False}, now=timezone.now())


def test_the_first_of_many_have_their_names_and_the_others_their_number(world: World):
    off = world.customers(NAMED + 3, alerts_enabled=False)
    [reason] = shown(world, *(customer.pk for customer in off)).reasons
    assert list(reason.customers) == [customer.name for customer in off[:NAMED]]
    assert reason.others == 3


def test_nobody_is_looked_for_where_nobody_is_refused(world: World, django_assert_num_queries):
    on, off = world.customers(2), world.customers(1, alerts_enabled=False)
    shown(world, *(customer.pk for customer in on))
    with django_assert_num_queries(_queries(world, *(customer.pk for customer in on)) + 1):
        shown(world, *(customer.pk for customer in on + off))


def _queries(world: World, *ids: int) -> int:
    with CaptureQueriesContext(connection) as seen:
        shown(world, *ids)
    return len(seen)
