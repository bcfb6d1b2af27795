"""Operator profiles over REST (domain 10.1): who may, what is refused, and who has one."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.models import CustomerProfile, Edge, Event, Job, OperatorProfile, PartnerProfile, SoftwareImage
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.api.client import Script
from tests.world import World

PATH = "/operator-profiles"
NEW = {
    "name": "6.4 wide",
    "description": "For everybody",
    "orchestrator_address": "2001:DB8::1",
    "heartbeat_seconds": 20,
}


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def image(world: World, **values: Any) -> SoftwareImage:
    return SoftwareImage.objects.create(name="Edge", **{"version": "6.4.0", **values})


@pytest.mark.parametrize(("who", "reads", "makes"), [("stan", 200, 201), ("bea", 200, 403), ("sam", 200, 403),
                                                     ("pia", 403, 403), ("carla", 403, 403)])  # fmt: skip
def test_who_reads_and_who_makes(world: World, who: str, reads: int, makes: int) -> None:
    script = Script(getattr(world, who), by=world.olga)
    assert script.get(PATH).status_code == reads
    assert script.post(PATH, NEW).status_code == makes
    assert OperatorProfile.objects.count() == (2 if makes == 201 else 1)
    assert script.ask("DELETE", f"{PATH}/{world.profile.pk}").status_code == (409 if makes == 201 else 403)


def test_it_is_made_changed_and_deleted_with_an_event_each(world: World, olga: Script) -> None:
    new = image(world)
    answer = olga.post(PATH, {**NEW, "image": new.pk})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1{PATH}/{made['id']}"
    assert (made["orchestrator_address"], made["image_id"], made["kind"]) == ("2001:db8::1", new.pk, "SEGMENT_BASED")
    changed = olga.ask("PATCH", f"{PATH}/{made['id']}", {"heartbeat_seconds": 60}).json()
    assert (changed["heartbeat_seconds"], changed["version"], changed["name"]) == (60, 2, "6.4 wide")
    assert olga.ask("DELETE", f"{PATH}/{made['id']}").status_code == 204
    told = Event.objects.filter(subject="6.4 wide").values_list("name", "before", "after")
    names = [name for name, _before, _after in told]
    assert names == ["CREATE_OPERATOR_PROFILE", "UPDATE_OPERATOR_PROFILE", "DELETE_OPERATOR_PROFILE"]
    assert told[1][1:] == ({"heartbeat_seconds": 20}, {"heartbeat_seconds": 60})


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": "5.2  STABLE"}, "name", "name_taken"),
        ({"name": ""}, "name", "required"),
        ({"heartbeat_seconds": 9}, "heartbeat_seconds", "min_value"),
        ({"heartbeat_seconds": "often"}, "heartbeat_seconds", "invalid"),
        ({"kind": "BOTH"}, "kind", "invalid_choice"),
        ({"image": 2**70}, "image", "number_too_large"),
        ({"image": "x"}, "image", "invalid_choice"),
        ({"orchestrator_address": "not a host"}, "orchestrator_address", None),
        ({"orchestrator_address": "<script>"}, "orchestrator_address", None),
        ({"color": "red"}, "color", "unknown_field"),
    ],
)
def test_bad_input_is_said_beside_its_field(world: World, olga: Script, given: Any, field: str, code: str) -> None:
    answer = olga.post(PATH, {**NEW, **given})
    assert answer.status_code in (409, 422)
    errors = answer.json()["errors"]
    assert set(errors) == {field}
    assert code is None or errors[field][0]["code"] == code
    assert OperatorProfile.objects.count() == 1


def test_a_deprecated_image_is_not_given_and_stays_where_it_is(world: World, olga: Script) -> None:
    old = image(world, version="4.5.2", deprecated=True)
    assert olga.post(PATH, {**NEW, "image": old.pk}).status_code == 422
    kept = profile(world, "Old", image=old)
    changed = olga.ask("PATCH", f"{PATH}/{kept.pk}", {"description": "Until spring"}).json()
    assert (changed["description"], changed["image_id"]) == ("Until spring", old.pk)


def test_opr_06_one_that_somebody_has_is_not_deleted_and_says_who(world: World, olga: Script) -> None:
    early = profile(world)
    may_choose(world.contoso, early)
    answer = olga.ask("DELETE", f"{PATH}/{early.pk}")
    assert (answer.status_code, "customers that may choose it: 1" in answer.content.decode()) == (409, True)
    assert olga.ask("DELETE", f"{PATH}/{world.profile.pk}").status_code == 409
    assert olga.ask("PATCH", f"{PATH}/{early.pk}", {"kind": "NETWORK_BASED"}).json()["errors"]["kind"]
    assert olga.ask("DELETE", f"{PATH}/999999").status_code == 404


def test_a_stale_change_is_refused(world: World, olga: Script) -> None:
    path = f"{PATH}/{world.profile.pk}"
    tag = olga.get(path).headers["ETag"]
    assert olga.ask("PATCH", path, {"description": "One"}, If_Match=tag).status_code == 200
    assert olga.ask("PATCH", path, {"description": "Two"}, If_Match=tag).status_code == 412
    world.profile.refresh_from_db()
    assert world.profile.description == "One"


def test_opr_06_removed_with_the_right_number_it_leaves_all_who_do_not_need_it(world: World, olga: Script) -> None:
    early = profile(world)
    PartnerProfile.objects.bulk_create(
        PartnerProfile(partner=partner, operator_profile=early) for partner in (world.acme, world.zenith)
    )
    used = world.customer("Used", partner=world.zenith, edge_image_management=True)
    may_choose(world.contoso, early)
    may_choose(used, early)
    Edge.objects.filter(pk=world.edges(used)[0].pk).update(operator_profile=early)
    path = f"{PATH}/{early.pk}/remove"
    for wrong in ({"confirm": 3}, {"confirm": "4"}, {}):
        assert olga.post(path, wrong).status_code == 422
    assert CustomerProfile.objects.count() == 2
    done = olga.post(path, {"confirm": 4}).json()
    assert (done["partners"], done["kept"]) == (1, 1)
    job = Job.objects.get(pk=done["job"])
    assert (job.changed, job.refused) == (1, 1)
    assert list(CustomerProfile.objects.values_list("customer_id", flat=True)) == [used.pk]
    assert list(PartnerProfile.objects.filter(operator_profile=early).values_list("partner_id", flat=True)) == [
        world.zenith.pk
    ]
    told = Event.objects.filter(name="OPERATOR_PROFILE_UNASSIGNED").values_list("partner_id", "customer_id")
    assert set(told) == {(world.acme.pk, world.contoso.pk), (world.acme.pk, None)}
    stan = Script(world.stan, by=world.olga)
    assert stan.post(path, {"confirm": 2}).status_code == 403, "Taking it from customers is for who may assign it."
