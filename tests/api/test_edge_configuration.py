"""The configuration of an edge over REST: read, chosen, refused with places, never overwritten by a stale script."""

from __future__ import annotations

import pytest

from bailiwick.models import ConfigurationObject, Edge
from tests.api.client import Script
from tests.configured import furnish
from tests.world import World


@pytest.fixture
def edge(world: World) -> Edge:
    return world.edges(world.contoso)[0]


def path(edge: Edge) -> str:
    return f"/edges/{edge.pk}/configuration"


def test_it_is_read_chosen_and_effective(world: World, edge: Edge) -> None:
    made, olga = furnish(world.actor(world.olga), world.contoso), Script(world.olga)
    empty = olga.get(path(edge))
    assert (empty.status_code, empty["ETag"], empty.json()["profile_id"]) == (200, '"0"', None)
    body = {"profile_id": made["profile"], "overrides": {"firewall": {"logging": True}}}
    written = olga.ask("PATCH", path(edge), body, If_Match='"0"')
    assert (written.status_code, written["ETag"]) == (200, '"1"'), written.content
    found = olga.get(path(edge)).json()
    assert (found["profile_id"], found["overrides"]) == (made["profile"], body["overrides"])
    assert found["effective"]["modules"]["firewall"] == {"logging": True}
    assert found["effective"]["objects"]["dns-service"]
    assert found["running"] is None
    partly = olga.ask("PATCH", path(edge), {"overrides": {}})
    assert (partly.status_code, partly.json()["profile_id"], partly.json()["version"]) == (200, made["profile"], 2)
    past = olga.get(f"/customers/{edge.customer_id}/configuration/{found['local_id']}/versions").json()
    assert [each["body"] for each in past] == [body["overrides"]]


@pytest.mark.parametrize(("body", "field", "place"), [
    ({"overrides": {"qos": {"rate_limit": "x"}}}, "body", "/qos/rate_limit"), ({"overrides": []}, "body", ""),
    ({"overrides": None}, "body", ""), ({"overrides": {"segment": {}}}, "body", ""),
    ({"overrides": {"analytics": {"segments": [9]}}}, "body", "/analytics/segments/0"),
    ({"profile_id": 77}, "profile", None), ({"profile_id": "1"}, "profile_id", None),
    ({"profile_id": True}, "profile_id", None), ({"profile_id": 2**40}, "profile_id", None),
    ({"colour": 1}, "colour", None),
])  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_place(
    world: World, edge: Edge, body: dict[str, object], field: str, place: str | None
) -> None:
    refused = Script(world.olga).ask("PATCH", path(edge), body)
    assert refused.status_code == 422, refused.content
    assert refused.json()["errors"][field][0].get("path") == place
    assert not ConfigurationObject.objects.exists()


def test_a_stale_script_writes_nothing(world: World, edge: Edge) -> None:
    olga = Script(world.olga)
    etag = olga.get(path(edge))["ETag"]
    assert olga.ask("PATCH", path(edge), {"overrides": {"qos": {"rate_limit": True}}}, If_Match=etag).status_code == 200
    assert olga.ask("PATCH", path(edge), {"overrides": {}}, If_Match=etag).status_code == 412
    assert ConfigurationObject.objects.get(edge=edge).body == {"qos": {"rate_limit": True}}


@pytest.mark.parametrize(("who", "reads", "writes"), [("sam", 200, 403), ("bea", 200, 403), ("pia", 200, 200),
                                                      ("carla", 200, 200), ("stranger", 404, 404)])  # fmt: skip
def test_who_reads_and_who_chooses(world: World, edge: Edge, who: str, reads: int, writes: int) -> None:
    script = Script(getattr(world, who))
    assert script.get(path(edge)).status_code == reads
    assert script.ask("PATCH", path(edge), {"overrides": {}}).status_code == writes
