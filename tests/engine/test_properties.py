"""System properties: restricted ones, stale pages, wrong values."""

import pytest
from django.core.exceptions import ValidationError

from bailiwick.access.actor import NotAllowed
from bailiwick.access.properties import DEFINITIONS, property_value
from bailiwick.engine.properties import Stale, update
from bailiwick.models import Event, SystemProperty
from tests.api.client import Script
from tests.world import NOW

OPEN, RESTRICTED = "vco.alert.mail.to", "session.options.enableBastionOrchestrator"


@pytest.mark.parametrize("name", [definition.name for definition in DEFINITIONS])
@pytest.mark.parametrize("who", ["bea", "sam", "pia", "carla"])
def test_other_roles_change_no_property(world, name, who):
    with pytest.raises(NotAllowed):
        update(world.actor(getattr(world, who)), name, "1", version=0, now=NOW)
    assert not SystemProperty.objects.exists()


def test_a_restricted_property_needs_its_own_permission(world):
    with pytest.raises(NotAllowed):
        update(world.actor(world.stan), RESTRICTED, True, version=0, now=NOW)
    update(world.actor(world.olga), RESTRICTED, True, version=0, now=NOW)
    update(world.actor(world.stan), OPEN, "noc@example.com", version=0, now=NOW)
    assert property_value(RESTRICTED) is True
    assert property_value(OPEN) == "noc@example.com"


def test_a_change_is_one_event_and_saving_the_same_is_none(world):
    actor = world.actor(world.olga)
    update(actor, "retentionWeeks.operatorEvents", "52", version=0, now=NOW)
    update(actor, "retentionWeeks.operatorEvents", "52", version=1, now=NOW)
    event = Event.objects.get()
    assert (event.name, event.subject, event.before, event.after) == (
        "UPDATE_SYSTEM_PROPERTY", "retentionWeeks.operatorEvents", {"value": 40}, {"value": 52},
    )  # fmt: skip


def test_a_stale_page_is_refused_and_told_the_others_value(world):
    update(world.actor(world.stan), OPEN, "a@example.com", version=0, now=NOW)
    with pytest.raises(Stale) as caught:
        update(world.actor(world.olga), OPEN, "b@example.com", version=0, now=NOW)
    assert (caught.value.current, caught.value.version) == ("a@example.com", 1)
    assert property_value(OPEN) == "a@example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retentionWeeks.operatorEvents", "0"),
        ("retentionWeeks.operatorEvents", "53"),
        ("retentionWeeks.operatorEvents", "1.5"),
        ("retentionWeeks.operatorEvents", ""),
        *(
            ("session.options.partnerAcceptsTransfers", value)
            for value in ("no", "maybe", [1], [], {}, None, "", 1, 2.5)
        ),
        (OPEN, "not an address"),
        (OPEN, "a@example.com\r\nBcc: b@example.com"),
        (OPEN, "a@[127.0.0.1]"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(world, name, value):
    with pytest.raises(ValidationError):
        update(world.actor(world.olga), name, value, version=0, now=NOW)
    assert not Event.objects.exists()


def test_an_unknown_property_does_not_exist(world):
    with pytest.raises(KeyError):
        update(world.actor(world.olga), "session.secret", "x", version=0, now=NOW)


@pytest.mark.parametrize(
    ("value", "stored"), [(True, True), ("true", True), ("on", True), (False, False), ("false", False)]
)
def test_a_switch_takes_yes_and_no_as_json_and_as_a_page_says_them(world, value, stored):
    assert update(world.actor(world.olga), RESTRICTED, value, version=0, now=NOW) is stored


def test_over_rest_a_switch_refuses_what_is_neither_yes_nor_no(world):
    path = f"/system-properties/{RESTRICTED}"
    for value in ("maybe", [1], None, {}):
        answer = Script(world.olga).ask("PUT", path, {"value": value})
        assert (answer.status_code, answer.json()["errors"]["value"][0]["code"]) == (422, "wrong_type")
    assert property_value(RESTRICTED) is False
