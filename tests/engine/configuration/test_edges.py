"""An edge's profile and its own settings: who chooses them, what they may say, what they said before."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from bailiwick.access.actor import NotAllowed
from bailiwick.access.configuration import past_configuration_for
from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.edges import configure, settings_of
from bailiwick.engine.configuration.effective import merged, otherwise
from bailiwick.engine.configuration.keep import Draft
from bailiwick.engine.configuration.kinds import KINDS
from bailiwick.engine.configuration.schema import schema_of
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet import provisioning
from bailiwick.models import ConfigurationObject, Edge, Event
from tests.api.client import Script
from tests.configured import add, furnish
from tests.web.conftest import signed_in
from tests.world import NOW, World


@pytest.fixture
def edge(world: World) -> Edge:
    return world.edges(world.contoso)[0]


def choose(world: World, edge: Edge, profile: int | None, overrides: Any, **more: Any) -> ConfigurationObject:
    who = world.actor(more.pop("who", world.olga))
    return configure(who, edge.pk, profile_id=profile, overrides=overrides, version=more.get("version"), now=NOW)


def faults(world: World, edge: Edge, profile: int | None, overrides: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidParams) as error:
        choose(world, edge, profile, overrides)
    return [(each["code"], each["path"]) for each in error.value.errors["body"]]


def test_every_fault_is_told_with_its_place(world: World, edge: Edge) -> None:
    wrong = {"firewall": {"enabled": "yes", "colour": 1}, "qos": {"rate_limit": 3}, "segment": {}}
    assert sorted(faults(world, edge, None, wrong)) == [
        ("schema", ""), ("schema", "/firewall"), ("schema", "/firewall/enabled"), ("schema", "/qos/rate_limit"),
    ]  # fmt: skip
    dangling = {"analytics": {"segments": [99]}}
    assert faults(world, edge, None, dangling) == [("dangling_reference", "/analytics/segments/0")]


def test_what_is_valid_alone_and_not_over_the_profile_is_refused_with_its_place(world: World, edge: Edge) -> None:
    olga = world.actor(world.olga)
    profile = add(olga, world.contoso, "profile")
    many = {"values": {f"a{number}": 1 for number in range(400)}}
    add(olga, world.contoso, "properties", many, parent_id=profile)
    over = {"properties": {"values": {f"b{number}": 1 for number in range(200)}}}
    assert faults(world, edge, profile, over) == [("schema", "/properties/values")]
    assert choose(world, edge, None, over)


def test_only_a_profile_of_the_same_customer_can_be_chosen(world: World, edge: Edge) -> None:
    olga, fabrikam = world.actor(world.olga), world.customer("Fabrikam")
    segment = add(olga, world.contoso, "segment")
    foreign = [add(olga, fabrikam, "profile", name=f"P{number}") for number in range(3)][-1]
    for wrong in (segment, foreign):
        with pytest.raises(InvalidParams, match="no such profile"):
            choose(world, edge, wrong, {})


@pytest.mark.parametrize("who", ["bea", "sam"])
def test_whoever_only_reads_chooses_nothing(world: World, edge: Edge, who: str) -> None:
    with pytest.raises(NotAllowed):
        choose(world, edge, None, {}, who=getattr(world, who))


def test_an_edge_of_another_customer_is_not_there(world: World) -> None:
    foreign = world.edges(world.customer("Fabrikam", partner=world.zenith))[0]
    for who in (world.carla, world.pia):
        with pytest.raises(Edge.DoesNotExist):
            choose(world, foreign, None, {}, who=who)


def test_each_change_keeps_what_was_before_and_tells_what_is_otherwise(world: World, edge: Edge) -> None:
    made, carla = furnish(world.actor(world.olga), world.contoso), world.actor(world.carla)
    row = choose(world, edge, made["profile"], {}, who=world.carla)
    row = choose(world, edge, made["profile"], {"firewall": {"logging": True}}, version=1, who=world.carla)
    with pytest.raises(InvalidParams) as error:
        choose(world, edge, None, {}, version=1, who=world.carla)
    assert error.value.status == 409
    assert list(past_configuration_for(carla).filter(local_id=row.local_id).values_list("version", "body")) == [(1, {})]
    event = Event.objects.filter(name=keep.CHANGED).latest("pk")
    assert event.after == {"kind": "edge-settings", "object": edge.name, "/firewall/logging": True}
    keep.roll_back(carla, world.contoso.pk, row.local_id, to=1, now=NOW)
    now = settings_of(carla, edge)
    assert now
    assert (now.body, now.parent_id, now.version) == ({}, made["profile"], 3)


def test_a_profile_that_edges_have_is_not_removed_and_says_which(world: World, edge: Edge) -> None:
    made = furnish(world.actor(world.olga), world.contoso)
    choose(world, edge, made["profile"], {})
    with pytest.raises(InvalidParams, match=f"Used by {edge.name}"):
        keep.delete(world.actor(world.olga), world.contoso.pk, made["profile"], now=NOW)


def test_what_only_an_edge_names_is_not_removed(world: World, edge: Edge) -> None:
    olga = world.actor(world.olga)
    segment = add(olga, world.contoso, "segment")
    choose(world, edge, None, {"analytics": {"segments": [segment]}})
    with pytest.raises(InvalidParams, match=f"Used by {edge.name}"):
        keep.delete(olga, world.contoso.pk, segment, now=NOW)


def test_settings_are_made_and_end_with_their_edge_and_keep_its_name(world: World, edge: Edge) -> None:
    olga = world.actor(world.olga)
    with pytest.raises(InvalidParams):
        add(olga, world.contoso, "edge-settings")
    row = choose(world, edge, None, {})
    with pytest.raises(InvalidParams, match="go when the edge goes"):
        keep.delete(olga, world.contoso.pk, row.local_id, now=NOW)
    keep.update(olga, world.contoso.pk, row.local_id, Draft("Other", {}), version=None, now=NOW)
    assert ConfigurationObject.objects.get(customer=world.contoso, local_id=row.local_id).name == edge.name
    edge.delete()
    assert not ConfigurationObject.objects.filter(customer=world.contoso).exists()


def test_an_edge_that_others_name_as_their_hub_is_not_deleted(world: World, edge: Edge) -> None:
    olga, other = world.actor(world.olga), world.edges(world.contoso)[0]
    segment = add(olga, world.contoso, "segment")
    hubs = {"segments": [{"segment": segment, "hubs": [str(edge.logical_id)]}]}
    choose(world, other, None, {"device-settings": hubs})
    Edge.objects.update(state="OFFLINE")
    with pytest.raises(ValidationError, match=f"named in the configuration: {other.name}"):
        provisioning.delete(olga, edge.pk, now=NOW)
    choose(world, other, None, {})
    provisioning.delete(olga, edge.pk, now=NOW)
    assert not Edge.objects.filter(pk=edge.pk).exists()


def test_an_edge_with_hubs_of_its_own_does_not_keep_its_customer_from_being_a_template(
    world: World, edge: Edge
) -> None:
    segment = add(world.actor(world.olga), world.contoso, "segment")
    hubs = {"segments": [{"segment": segment, "hubs": [str(edge.logical_id)]}]}
    assert choose(world, edge, None, {"device-settings": hubs}).blocker == ""
    assert KINDS["edge-settings"].travels.value == "never"


@pytest.mark.parametrize(
    ("under", "over", "both"),
    [
        ({"a": 1, "b": {"c": 2, "d": [1, 2]}}, {"b": {"d": [3]}}, {"a": 1, "b": {"c": 2, "d": [3]}}),
        ({}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {"b": False}}, {"a": {"b": False}}),
    ],
)
def test_members_are_merged_and_lists_replaced_and_the_difference_says_it_again(
    under: Any, over: Any, both: Any
) -> None:
    assert merged(under, over) == both
    assert otherwise(under, both) == over


def test_no_kind_of_object_leads_back_to_itself() -> None:
    """So no configuration has a cycle, whatever it names: what leads on is a part of the schemas."""

    def led(schema: Any) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        return {schema["x-refers-to"]} if "x-refers-to" in schema else set().union(*map(led, schema.values()))

    leads = {slug: led(schema_of(slug)) - {"edge", "gateway"} for slug in KINDS}
    assert leads["edge-settings"] >= leads["device-settings"] != set()
    for slug in KINDS:
        reached, waiting = set(), [slug]
        while waiting:
            new = leads[waiting.pop()] - reached
            reached |= new
            waiting += new
        assert slug not in reached


def test_going_back_to_what_names_a_removed_segment_is_refused_with_its_place(world: World, edge: Edge) -> None:
    olga = world.actor(world.olga)
    segment = add(olga, world.contoso, "segment")
    row = choose(world, edge, None, {"analytics": {"segments": [segment]}})
    choose(world, edge, None, {})
    keep.delete(olga, world.contoso.pk, segment, now=NOW)
    with pytest.raises(InvalidParams) as error:
        keep.roll_back(olga, world.contoso.pk, row.local_id, to=1, now=NOW)
    (told,) = error.value.errors["body"]
    assert (told["code"], told["path"]) == ("dangling_reference", "/analytics/segments/0")
    page = f"/customers/{world.contoso.pk}/configuration/{row.local_id}/versions/1/restore"
    assert "There is no such segment" in signed_in(world.olga).post(page).content.decode()
    assert Script(world.olga).post(page, {}).status_code == 422


def test_a_change_counts_profiles_and_not_their_edges(world: World) -> None:
    """The segment itself and its one profile are written, whether an edge has that profile or a thousand have."""
    olga, made = world.actor(world.olga), furnish(world.actor(world.olga), world.contoso)
    for number in range(20):
        named = {"name": f"E{number}", "name_key": f"e{number}", "created_at": NOW}
        edge = Edge.objects.create(customer=world.contoso, partner_id=world.contoso.partner_id, **named)
        choose(world, edge, made["profile"], {})
    before = written()
    keep.update(olga, world.contoso.pk, made["segment"], Draft("Cards", {"type": "PRIVATE"}), version=None, now=NOW)
    assert written() - before == 2


def written() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'bailiwick_configurationobject'")
        return int(cursor.fetchone()[0])
