"""Which edges are heard: states, counters and events follow the heartbeats, set-based."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bailiwick.fleet.liveness import follow
from bailiwick.models import CustomerStat, DeviceContact, Edge, EdgeState, Event
from tests.world import NOW, World


def heard(world: World, number: int = 1, **values) -> list[Edge]:
    """Edges that were heard now, every 30 seconds."""
    edges = world.edges(world.contoso, number)
    Edge.objects.update(activation_state="ACTIVATED", last_contact_at=NOW, software_version="5.2.0")
    DeviceContact.objects.bulk_create(
        DeviceContact(
            edge=edge, customer_id=edge.customer_id, partner_id=edge.partner_id,
            **{"at": NOW, "seconds": 30, "software_version": "5.2.0", **values},
        )
        for edge in edges
    )  # fmt: skip
    return edges


def after(seconds: float):
    return NOW + timedelta(seconds=seconds)


def states() -> list[str]:
    return list(Edge.objects.order_by("pk").values_list("state", flat=True))


def test_an_edge_is_down_within_three_heartbeats_and_not_after_two(world: World) -> None:
    heard(world)
    assert (follow(after(60)), states()) == (0, ["CONNECTED"])
    assert (follow(after(70)), states()) == (1, ["OFFLINE"])
    assert 70 + 2 < 3 * 30  # and the worker looks every two seconds
    stat = CustomerStat.objects.get(customer=world.contoso)
    assert (stat.edges_connected, stat.edges_down, stat.edges) == (0, 1, 1)
    [event] = Event.objects.filter(name="EDGE_DOWN")
    assert (event.customer_id, event.partner_id, event.severity) == (world.contoso.pk, world.acme.pk, "ERROR")
    assert (event.before, event.after) == ({"state": "CONNECTED"}, {"state": "OFFLINE"})


def test_what_did_not_change_is_told_once(world: World) -> None:
    heard(world, 3)
    assert [follow(after(seconds)) for seconds in (100, 102, 200)] == [3, 0, 0]
    assert Event.objects.filter(name="EDGE_DOWN").count() == 3


def test_an_edge_that_is_heard_again_is_up(world: World) -> None:
    heard(world)
    follow(after(100))
    DeviceContact.objects.update(at=after(110))
    assert (follow(after(111)), states()) == (1, ["CONNECTED"])
    assert Edge.objects.get().last_contact_at == after(110)
    assert Event.objects.filter(name="EDGE_UP").count() == 1
    assert CustomerStat.objects.get(customer=world.contoso).edges_connected == 1


def test_a_bad_link_makes_an_edge_degraded(world: World) -> None:
    heard(world, is_degraded=True)
    assert (follow(after(1)), states()) == (1, ["DEGRADED"])
    assert CustomerStat.objects.get(customer=world.contoso).edges_degraded == 1


def test_the_row_of_the_list_follows_without_a_transition_once_a_minute(world: World) -> None:
    heard(world)
    DeviceContact.objects.update(at=after(50))
    assert (follow(after(51)), Edge.objects.get().last_contact_at) == (0, NOW)
    DeviceContact.objects.update(at=after(61))
    assert (follow(after(62)), Edge.objects.get().last_contact_at) == (0, after(61))
    assert not Event.objects.exists()


def test_new_software_is_written_down_with_its_time(world: World) -> None:
    heard(world, software_version="5.3.0")
    follow(after(1))
    edge = Edge.objects.get()
    assert (edge.software_version, edge.software_updated_at) == ("5.3.0", after(1))


@pytest.mark.parametrize("activation", ["PENDING", "UNASSIGNED"])
def test_an_edge_that_is_not_activated_changes_nothing(world: World, activation: str) -> None:
    heard(world)
    Edge.objects.update(activation_state=activation, state=EdgeState.DISABLED)
    assert (follow(after(100)), states()) == (0, ["DISABLED"])


def test_an_edge_that_never_had_a_device_stays_as_it_is(world: World) -> None:
    world.edges(world.contoso, 2)
    assert follow(after(10_000)) == 0


def test_a_customer_that_let_no_partner_in_keeps_its_events_to_itself(world: World) -> None:
    heard(world)
    world.contoso.partner_access = False
    world.contoso.save()
    follow(after(100))
    assert Event.objects.get(name="EDGE_DOWN").partner_id is None


def test_it_is_one_statement_however_many_edges(world: World) -> None:
    heard(world, 300)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert follow(after(100)) == 300
    assert len([query for query in asked if "devicecontact" in query["sql"]]) == 1
    assert CustomerStat.objects.get(customer=world.contoso).edges_down == 300
