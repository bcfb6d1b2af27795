"""Configuration objects: who may write them, what they must say, whom they name, what they said before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from bailiwick.access.actor import NotAllowed
from bailiwick.access.configuration import configuration_for, past_configuration_for
from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.differences import differences
from bailiwick.engine.configuration.keep import Draft
from bailiwick.engine.configuration.kinds import KINDS
from bailiwick.engine.configuration.schema import schema_of
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import ConfigurationObject, ConfigurationReference, Customer, Event
from tests.configured import add, furnish, one
from tests.world import NOW, World

DNS = KINDS["dns-service"]


def faults(world: World, kind: str, body: Any, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidParams) as error:
        add(world.actor(world.olga), world.contoso, kind, body, **more)
    return [(each["code"], each["path"]) for each in error.value.errors["body"]]


@pytest.mark.parametrize("who", ["bea", "sam"])
def test_whoever_only_reads_changes_nothing(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        add(world.actor(getattr(world, who)), world.contoso, "segment")


def test_an_administrator_changes_services_and_not_what_the_operator_decides(world: World) -> None:
    carla = world.actor(world.carla)
    add(carla, world.contoso, "private-network-name", name="Lab")
    for kind in ("capabilities", "limits", "cost-calculation"):
        with pytest.raises(NotAllowed):
            add(carla, world.contoso, kind)


def test_a_foreign_customer_a_deleted_one_and_an_invented_one_are_the_same(world: World) -> None:
    fabrikam, gone = world.customer("Fabrikam", partner=world.zenith), world.customer("Gone", partner=world.acme)
    Customer.objects.filter(pk=gone.pk).update(deleted_at=NOW)
    for customer in (fabrikam.pk, gone.pk, 10**12):
        with pytest.raises(ObjectDoesNotExist):
            keep.create(world.actor(world.pia), customer, DNS, Draft("x", {"servers": ["1.1.1.1"]}), now=NOW)


def test_who_is_not_let_in_neither_reads_nor_writes(world: World) -> None:
    olga = world.actor(world.olga)
    add(olga, world.contoso, "segment")
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    assert not configuration_for(olga).exists()
    with pytest.raises(ObjectDoesNotExist):
        add(olga, world.contoso, "segment", name="Other")


def test_every_fault_of_a_body_is_told_with_its_place(world: World) -> None:
    body = {"type": "SECRET", "servers": ["10.0.0.1", "nowhere"], "colour": "red"}
    assert sorted(faults(world, "dns-service", body)) == [("schema", ""), ("schema", "/servers/1"), ("schema", "/type")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"values": {"a": "\0"}}, "forbidden_character"),
        ({"values": {"a": "\ud800"}}, "forbidden_character"),
        ({"values": {"a": "x" * 300_000}}, "too_large"),
        ([], "schema"),
        (None, "schema"),
        ("text", "schema"),
        ({"values": json.loads("[" * 40 + "]" * 40)}, "too_deep"),
    ],
)
def test_hostile_bodies_are_refused(world: World, body: Any, code: str) -> None:
    parent = add(world.actor(world.olga), world.contoso, "profile")
    assert faults(world, "properties", body, parent_id=parent)[0][0] == code


def test_a_fault_does_not_repeat_all_that_was_given(world: World) -> None:
    with pytest.raises(InvalidParams) as error:
        add(world.actor(world.olga), world.contoso, "dns-service", {"servers": "x" * 100_000})
    (told,) = error.value.errors["body"]
    assert len(told["message"]) < 400
    assert told["message"].endswith('is not of type "array"')


def test_a_reference_to_nothing_or_to_another_kind_or_customer_is_refused(world: World) -> None:
    olga = world.actor(world.olga)
    profile, fabrikam = add(olga, world.contoso, "profile"), world.customer("Fabrikam")
    for number in range(9):
        foreign = add(olga, fabrikam, "segment", name=f"S{number}")
    edge = str(world.edges(fabrikam)[0].logical_id)
    settings = {"segments": [{"segment": foreign}, {"segment": profile, "hubs": [edge]}]}
    assert faults(world, "device-settings", settings, parent_id=profile) == [
        ("dangling_reference", "/segments/0/segment"),
        ("dangling_reference", "/segments/1/segment"),
        ("dangling_reference", "/segments/1/hubs/0"),
    ]


def test_what_is_named_is_not_removed_and_says_by_whom(world: World) -> None:
    olga = world.actor(world.olga)
    made = furnish(olga, world.contoso)
    with pytest.raises(InvalidParams, match="Used by Branch / Device-Settings") as error:
        keep.delete(olga, world.contoso.pk, made["segment"], now=NOW)
    assert error.value.status == 409
    keep.delete(olga, world.contoso.pk, made["profile"], now=NOW)
    keep.delete(olga, world.contoso.pk, made["segment"], now=NOW)
    assert not ConfigurationReference.objects.filter(customer=world.contoso).exists()


def test_a_part_needs_a_profile_of_the_same_customer(world: World) -> None:
    for parent in (None, 99):
        with pytest.raises(InvalidParams) as error:
            add(world.actor(world.olga), world.contoso, "qos", parent_id=parent)
        assert error.value.errors["parent"][0]["code"] == "no_profile"


def test_names_are_unique_within_their_kind_and_single_kinds_are_single(world: World) -> None:
    olga = world.actor(world.olga)
    for kind in ("private-network-name", "security-policy"):
        add(olga, world.contoso, kind, name="Lab")
        with pytest.raises(InvalidParams) as error:
            add(olga, world.contoso, kind, name="LAB" if kind != "security-policy" else "Other")
        assert (error.value.status, error.value.errors["name"][0]["code"]) == (409, "name_taken")


def test_segments_have_a_limit_that_the_operator_sets_and_that_cannot_fall_below_use(world: World) -> None:
    olga = world.actor(world.olga)
    limits = add(olga, world.contoso, "limits", {"maximum_segments": 2})
    add(olga, world.contoso, "segment", name="One")
    add(olga, world.contoso, "segment", name="Two")
    with pytest.raises(InvalidParams, match="may have 2 segments"):
        add(olga, world.contoso, "segment", name="Three")
    with pytest.raises(InvalidParams, match="2 segments are in use") as error:
        keep.update(olga, world.contoso.pk, limits, Draft("", {"maximum_segments": 1}), version=1, now=NOW)
    assert error.value.status == 409


def test_a_stale_version_is_a_conflict_and_changes_nothing(world: World) -> None:
    olga, carla = world.actor(world.olga), world.actor(world.carla)
    pk = add(olga, world.contoso, "dns-service", {"servers": ["1.1.1.1"]})
    keep.update(carla, world.contoso.pk, pk, Draft("DNS", {"servers": ["9.9.9.9"]}), version=1, now=NOW)
    with pytest.raises(InvalidParams) as error:
        keep.update(olga, world.contoso.pk, pk, Draft("DNS", {"servers": ["8.8.8.8"]}), version=1, now=NOW)
    assert (error.value.status, error.value.errors["version"][0]["code"]) == (409, "stale")
    assert one(world.contoso, "dns-service").body == {"servers": ["9.9.9.9"]}


def test_an_earlier_version_comes_back_as_a_new_one(world: World) -> None:
    olga = world.actor(world.olga)
    pk = add(olga, world.contoso, "dns-service", {"servers": ["1.1.1.1"]}, name="First")
    keep.update(olga, world.contoso.pk, pk, Draft("Second", {"servers": ["9.9.9.9"]}), version=1, now=NOW)
    row = keep.roll_back(olga, world.contoso.pk, pk, to=1, now=NOW)
    assert (row.name, row.body, row.version) == ("First", {"servers": ["1.1.1.1"]}, 3)
    past = past_configuration_for(olga).filter(local_id=pk).order_by("version")
    assert list(past.values_list("version", "name")) == [(1, "First"), (2, "Second")]


def test_every_change_is_told_with_what_differs(world: World) -> None:
    olga = world.actor(world.olga)
    pk = add(olga, world.contoso, "dns-service", {"servers": ["1.1.1.1"]}, name="DNS")
    keep.update(olga, world.contoso.pk, pk, Draft("DNS", {"servers": ["9.9.9.9"]}), version=1, now=NOW)
    keep.delete(olga, world.contoso.pk, pk, now=NOW)
    told = Event.objects.filter(customer_id=world.contoso.pk).order_by("id").values_list("name", "before", "after")
    about = {"kind": "dns-service", "object": "DNS"}
    first, second = {**about, "/servers/0": "1.1.1.1"}, {**about, "/servers/0": "9.9.9.9"}
    assert list(told) == [
        ("CREATE_CONFIGURATION", None, {**first}),
        ("UPDATE_CONFIGURATION", first, second),
        ("DELETE_CONFIGURATION", second, None),
    ]


def test_differences_are_told_by_place() -> None:
    assert differences({"a": [1, 2], "b": {}}, {"a": [1, 3, 4]}) == (
        {"/a/1": 2, "/b": {}, "/a/2": None},
        {"/a/1": 3, "/b": None, "/a/2": 4},
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_schema_that_takes_no_more_than_it_names(kind: str) -> None:
    schema = schema_of(kind)
    assert (schema["title"], schema["additionalProperties"]) == (kind, False)


def test_a_partner_reads_what_its_customers_have(world: World) -> None:
    furnish(world.actor(world.olga), world.contoso)
    assert configuration_for(world.actor(world.pia)).count() == ConfigurationObject.objects.count()
    assert not configuration_for(world.actor(world.stranger)).exists()
