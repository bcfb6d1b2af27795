"""Limits and capabilities of a customer: what is in use is neither cut off nor turned off (domain 4.3)."""

from __future__ import annotations

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.edges import configure
from bailiwick.engine.configuration.keep import Draft
from bailiwick.engine.forms.form import InvalidParams
from tests.configured import add
from tests.engine.configuration.test_keep import faults
from tests.world import NOW, World


def test_mod_07_fewer_segments_than_are_in_use_are_refused_with_their_number(world: World) -> None:
    olga = world.actor(world.olga)
    for number in range(12):
        add(olga, world.contoso, "segment", name=f"S{number}")
    for body, status in (({"maximum_segments": 10}, 409), ({"maximum_segments": 12}, 0)):
        try:
            add(olga, world.contoso, "limits", body)
        except InvalidParams as error:
            assert (error.status, error.errors["body"][0]["message"]) == (status, "12 segments are in use.")
        else:
            assert status == 0


def test_mod_08_more_than_128_segments_are_refused(world: World) -> None:
    for body in ({"maximum_segments": 129}, {"maximum_segments": 0}):
        assert faults(world, "limits", body) == [("schema", "/maximum_segments")]


def test_a_limit_that_is_in_use_is_not_removed(world: World) -> None:
    olga = world.actor(world.olga)
    limits = add(olga, world.contoso, "limits", {"maximum_segments": 20})
    for number in range(17):
        add(olga, world.contoso, "segment", name=f"S{number}")
    with pytest.raises(InvalidParams, match="17 segments are in use"):
        keep.delete(olga, world.contoso.pk, limits, now=NOW)


def test_a_capability_in_use_is_not_turned_off_and_says_by_what(world: World) -> None:
    olga = world.actor(world.olga)
    profile = add(olga, world.contoso, "profile", name="Branch")
    add(olga, world.contoso, "firewall", {"stateful": True}, parent_id=profile, name="Walls")
    add(olga, world.contoso, "segment", name="Global")
    on = {"firewall_logging": True, "vnf_fortinet": True}
    row = add(olga, world.contoso, "capabilities", on)
    add(olga, world.contoso, "vnf", {"vendor": "FORTINET"}, name="Inspector")
    edge = world.edges(world.contoso)[0]
    own = {"firewall": {"logging": True}}
    configure(olga, edge.pk, profile_id=profile, overrides=own, version=None, now=NOW)
    off = Draft("", {"stateful_firewall": False, "segmentation": False, "enterprise_authentication": True})
    with pytest.raises(InvalidParams) as error:
        keep.update(olga, world.contoso.pk, row, off, version=None, now=NOW)
    told = [(each["path"], each["message"].partition(": ")[2]) for each in error.value.errors["body"]]
    assert error.value.status == 409
    assert told == [("/firewall_logging", f"Used by {edge.name}."), ("/stateful_firewall", "Used by Walls."),
                    ("/vnf_fortinet", "Used by Inspector.")]  # fmt: skip
    with pytest.raises(InvalidParams):
        keep.delete(olga, world.contoso.pk, row, now=NOW)
    assert keep.update(olga, world.contoso.pk, row, Draft("", {**on, "cos_mapping": True}), version=None, now=NOW)


def test_mod_06_a_partner_changes_no_capability(world: World) -> None:
    row = add(world.actor(world.olga), world.contoso, "capabilities", {"cos_mapping": True})
    for who in (world.pia, world.carla):
        with pytest.raises(NotAllowed):
            keep.update(world.actor(who), world.contoso.pk, row, Draft("", {}), version=None, now=NOW)
