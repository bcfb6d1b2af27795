"""What has had its time goes, a chunk at a time; what is kept stays."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from bailiwick.actions import MENU
from bailiwick.engine.selection import freeze_living
from bailiwick.engine.submit import submit
from bailiwick.engine.upkeep.purge import CHUNK, purge
from bailiwick.models import (
    ConfigurationObject,
    ConfigurationReference,
    Customer,
    CustomerDetail,
    Event,
    Selection,
    User,
)
from tests.configured import furnish
from tests.world import NOW, World

MONTH = timedelta(days=31)


def stay() -> bool:
    return False


def test_a_customer_is_purged_after_thirty_days_and_its_events_keep_its_name(world: World) -> None:
    submit(world.actor(world.olga, "api"), MENU["delete-customer"], select={"ids": [world.contoso.pk]}, raw={}, now=NOW)
    Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=NOW)
    purge(NOW + timedelta(days=29), leaving=stay)
    assert Customer.objects.filter(pk=world.contoso.pk).exists()
    purge(NOW + MONTH, leaving=stay)
    assert not Customer.objects.filter(pk=world.contoso.pk).exists()
    assert not CustomerDetail.objects.filter(customer_id=world.contoso.pk).exists()
    assert not User.objects.filter(pk=world.carla.pk).exists()
    events = Event.objects.filter(customer_id=world.contoso.pk).order_by("id")
    assert [event.name for event in events] == ["DELETE_ENTERPRISE", "PURGE_ENTERPRISE"]
    assert {event.subject for event in events} == {"Contoso"}


def test_more_than_a_chunk_is_purged_and_the_living_are_not(world: World) -> None:
    gone = world.customers(CHUNK + 3, deleted_at=NOW)
    purge(NOW + MONTH, leaving=stay)
    assert not Customer.objects.filter(pk__in=[customer.pk for customer in gone]).exists()
    assert Customer.objects.filter(pk=world.contoso.pk).exists()
    assert Event.objects.filter(name="PURGE_ENTERPRISE").count() == CHUNK + 3


def test_a_worker_that_leaves_stops_between_two_chunks(world: World) -> None:
    world.customers(3, deleted_at=NOW)
    assert purge(NOW + MONTH, leaving=lambda: True) == 0
    assert Customer.objects.filter(deleted_at__isnull=False).count() == 3


def test_what_has_expired_goes_and_what_a_job_needs_stays(world: World) -> None:
    olga = world.actor(world.olga)
    idle = freeze_living(olga, {"matching": {}}, now=NOW)
    used = submit(
        olga, MENU["update-customer-alerts"], select={"matching": {}}, raw={"enabled": "false"}, now=NOW
    ).selection_id
    purge(NOW + MONTH, leaving=stay)
    assert not Selection.objects.filter(pk=idle.pk).exists()
    assert Selection.objects.filter(pk=used).exists()


def test_a_configuration_goes_with_its_customer_whoever_names_whom(world: World) -> None:
    """Objects that are named go in the same statement as those that name them; the world is asked at its end."""
    furnish(world.actor(world.olga), world.contoso)
    Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=NOW)
    purge(NOW + MONTH, leaving=stay)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not ConfigurationObject.objects.exists()
    assert not ConfigurationReference.objects.exists()
