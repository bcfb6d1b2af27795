"""Events can be added and nothing else, by grants (R-38)."""

from importlib import import_module

import pytest
from django.db import ProgrammingError, connection, transaction

from bailiwick import audit
from bailiwick.access import history
from bailiwick.access.actor import NotAllowed
from bailiwick.models import Event
from tests.world import NOW


@pytest.fixture
def as_portal(world):
    """The role of the worker: the widest that anything runs under."""
    audit.record(world.actor(world.olga), "UPDATE_ENTERPRISE", subject="Contoso", customer=world.contoso, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE bailiwick_worker")
    yield world
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bailiwick_event SET actor_name = 'nobody'",
        "DELETE FROM bailiwick_event",
        "TRUNCATE bailiwick_event",
        "ALTER TABLE bailiwick_event DISABLE TRIGGER ALL",
        "DROP TABLE bailiwick_event",
        "UPDATE django_migrations SET name = 'x'",
        "CREATE TABLE mine (id int)",
        "SET ROLE postgres",
    ],
)
def test_r38_the_portals_role_cannot_change_or_remove_events(as_portal, statement):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.filter(actor_name=as_portal.olga.email).count() == 1


def test_the_portals_role_adds_events_and_works_on_every_other_table(as_portal):
    audit.record(as_portal.actor(as_portal.olga), "UPDATE_ENTERPRISE", subject="Contoso", at=NOW)
    assert Event.objects.count() == 2
    as_portal.customer("Fabrikam")
    assert as_portal.contoso.delete()[0] > 0


def test_history_of_a_customer_is_open_to_those_who_see_the_customer(world):
    audit.record(
        world.actor(world.olga),
        "UPDATE_ENTERPRISE",
        subject="Contoso",
        customer=world.contoso,
        after={"name": "x"},
        at=NOW,
    )
    for user, seen in ((world.sam, 1), (world.pia, 1), (world.carla, 1), (world.stranger, 0)):
        assert len(history.history(world.actor(user), world.contoso.pk)[0]) == seen
    with pytest.raises(NotAllowed):
        history.history(world.actor(world.olga).stranger("x", door="web"), world.contoso.pk)


def test_pages_of_events_hold_each_event_once_newest_first(world):
    for number in range(23):
        audit.record(world.actor(world.olga), "UPDATE_ENTERPRISE", subject=str(number), at=NOW)
    seen, after = [], None
    while True:
        rows, after = history.read(
            world.actor(world.olga), history.EventFilter(name="UPDATE_ENTERPRISE"), after=after, limit=5
        )
        seen += [row.subject for row in rows]
        if after is None:
            break
    assert seen == [str(number) for number in reversed(range(23))]


def test_a_server_that_forbids_roles_says_what_its_administrator_must_do(db):
    migration = import_module("bailiwick.migrations.0004_runtime_role")
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE people_plain; GRANT people_plain TO CURRENT_USER; SET LOCAL ROLE people_plain")
    with pytest.raises(RuntimeError, match="GRANT bailiwick_app TO"):
        migration.make_role(None, connection.schema_editor())


def test_making_the_role_twice_changes_nothing(db):
    migration = import_module("bailiwick.migrations.0004_runtime_role")
    migration.make_role(None, connection.schema_editor())
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('bailiwick_app', 'bailiwick_event', 'DELETE')")
        assert cursor.fetchone() == (False,)
