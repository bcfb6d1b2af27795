"""What people say of an edge is changed on its page and over REST: name and place."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.models import Edge, Event
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World


@pytest.fixture
def edge(world: World) -> Edge:
    return world.edges(world.contoso)[0]


def path(edge: Edge) -> str:
    return f"/customers/{edge.customer_id}/edges/{edge.pk}/facts"


@pytest.mark.parametrize(
    ("who", "status"), [("stan", 302), ("bea", 403), ("sam", 403), ("pia", 302), ("stranger", 404), ("carla", 302)]
)
def test_who_may_change_them(world: World, edge: Edge, who: str, status: int) -> None:
    given = {"name": "Lyon", "version": "1"}
    assert signed_in(getattr(world, who)).post(path(edge), given).status_code == status
    assert Edge.objects.filter(name="Lyon").exists() == (status == 302)


def test_name_and_place_are_saved_with_one_event(world: World, edge: Edge) -> None:
    given = {
        "name": "Łyon", "city": "Lyon", "country": "FR", "latitude": "45.76", "longitude": "4.84", "version": "1",
    }  # fmt: skip
    assert signed_in(world.carla).post(path(edge), given).status_code == 302
    row = Edge.objects.get()
    assert (row.name, row.name_key, row.city, row.country) == ("Łyon", "łyon", "Lyon", "FR")
    assert (row.latitude, row.longitude, row.version) == (45.76, 4.84, 2)
    [event] = Event.objects.filter(name="EDGE_UPDATE_ATTRIBUTES")
    assert event.subject == "Łyon"
    assert (event.before["name"], event.after["latitude"]) == (edge.name, 45.76)
    page = signed_in(world.carla).get(path(edge)).content.decode()
    assert 'name="version" value="2"' in page
    assert "45.76" in page


def test_a_name_that_is_taken_and_half_a_place_are_said_beside_their_fields(world: World, edge: Edge) -> None:
    other, browser = world.edges(world.contoso)[0], signed_in(world.olga)
    answer = browser.post(path(edge), {"name": other.name.upper(), "version": "1"})
    assert (answer.status_code, "Another edge of this customer" in answer.content.decode()) == (422, True)
    assert browser.post(path(edge), {"name": "x", "latitude": "91", "version": "1"}).status_code == 422
    answer = browser.post(path(edge), {"name": "x", "latitude": "9", "version": "1"})
    assert answer.status_code == 422
    assert "belong together" in answer.content.decode()
    assert not Event.objects.filter(name="EDGE_UPDATE_ATTRIBUTES").exists()


def test_over_rest_what_is_named_changes_and_a_stale_etag_does_not(world: World, edge: Edge) -> None:
    script = Script(world.olga)
    other, one = world.edges(world.contoso)[0], f"/edges/{edge.pk}"
    tag = script.get(one)["ETag"]

    def patch(given: dict[str, Any], **headers: str) -> Any:
        return script.ask("PATCH", one, given, **headers)

    answer = patch({"latitude": 45.76, "longitude": 4.84}, If_Match=tag)
    assert (answer.status_code, answer["ETag"], answer.json()["name"]) == (200, '"2"', edge.name)
    assert patch({"name": "Late"}, If_Match=tag).status_code == 412
    assert patch({"name": other.name}).json()["code"] == "name_taken"
    assert patch({"latitude": 1}).json()["errors"]["longitude"][0]["code"] == "required"
    assert patch({"timezone": "Europe/Paris"}).json()["timezone"] == "Europe/Paris"
    assert patch({"timezone": ""}).json()["timezone"] == ""
    for wrong in (
        {"name": ""},
        {"timezone": "Mars/Base"},
        {"name": None},
        {"country": "Atlantis"},
        {"latitude": "x", "longitude": 1},
    ):
        assert patch(wrong).status_code == 422
    assert patch({"latitude": None, "longitude": None}).json()["latitude"] is None
    assert patch({}).json()["name"] == edge.name
    assert Edge.objects.get(pk=edge.pk).version == 5
