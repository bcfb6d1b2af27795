"""Custom roles over REST: wrong roles and other homes first, then what the page can do too."""

from __future__ import annotations

import pytest

from bailiwick.access import roles
from bailiwick.access.permissions import FIXED, ROLES
from bailiwick.models import Event, Role, SystemProperty
from tests.api.client import Script
from tests.world import World

HELPERS = {"name": "Helpers", "base": "support", "permissions": ["customer.support-email", "event.read"]}


@pytest.fixture(autouse=True)
def _customizable(db: None) -> None:
    SystemProperty.objects.create(name=roles.SWITCH, value=True)


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def codes(answer) -> dict[str, list[str]]:
    return {field: [each["code"] for each in found] for field, found in answer.json()["errors"].items()}


def test_who_may_not_manage_roles_writes_none_and_who_may_not_read_them_reads_none(world: World) -> None:
    for user in (world.sam, world.stan, world.bea):
        assert Script(user).post("/roles", HELPERS).status_code == 403
        assert Script(user).get("/roles").json() == {"data": [], "next": None}
    readonly = world.user("r@contoso.example", "customer", "customer-readonly", customer=world.contoso)
    assert Script(readonly, by=world.olga).get("/roles").status_code == 403
    assert not Role.objects.exists()


def test_roles_of_other_homes_do_not_exist(world: World, olga: Script) -> None:
    made = Script(world.pia).post("/roles", {"name": "Ours", "base": "partner-support"}).json()
    for other in (olga, Script(world.stranger), Script(world.carla)):
        for key in (made["id"], 99_999_999, 2**70):
            for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
                assert other.ask(method, f"/roles/{key}", body).status_code == 404
        assert other.get("/roles").json()["data"] == []
    assert Role.objects.get().name == "Ours"


def test_a_role_is_made_read_changed_and_deleted(world: World, olga: Script) -> None:
    answer = olga.post("/roles", HELPERS)
    made = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/roles/{made['id']}")
    fixed = ROLES["operator"]["support"] & FIXED
    assert made["permissions"] == sorted({*HELPERS["permissions"], *fixed})
    path = f"/roles/{made['id']}"
    assert olga.get(path).json() == olga.get("/roles").json()["data"][0] == made
    changed = olga.ask("PATCH", path, {"base": "superuser"}, If_Match='"1"').json()
    assert (changed["version"], changed["base"], "partner.delete" in changed["permissions"]) == (2, "superuser", True)
    assert olga.ask("DELETE", path).status_code == 204
    assert list(Event.objects.filter(name__endswith="_ROLE").order_by("pk").values_list("name", flat=True)) == [
        "CREATE_ROLE",
        "UPDATE_ROLE",
        "DELETE_ROLE",
    ]


def test_what_cannot_be_is_said_beside_its_field(world: World, olga: Script) -> None:
    olga.post("/roles", HELPERS)
    for body, status, field, code in (
        ({"name": "HELPERS"}, 409, "name", "name_taken"),
        ({"base": "partner-support"}, 422, "base", "invalid_choice"),
        ({"permissions": ["root"]}, 422, "permissions", "invalid_choice"),
        ({"permissions": ["customer.accept"]}, 422, "permissions", "role_escalation"),
        ({"permissions": ["customer.delete"]}, 422, "permissions", "fixed_permission"),
        ({"permissions": "event.read"}, 422, "permissions", "wrong_type"),
        ({"permissions": None}, 422, "permissions", "wrong_type"),
        ({"level": "operator"}, 422, "level", "unknown_field"),
        ({"name": ""}, 422, "name", "required"),
    ):
        answer = olga.post("/roles", {**HELPERS, "name": "Others", **body})
        assert (answer.status_code, codes(answer)) == (status, {field: [code]}), body


def test_nobody_gives_more_than_he_holds_nor_touches_his_own(world: World, olga: Script) -> None:
    keeper = olga.post("/roles", {"name": "Keepers", "base": "superuser", "permissions": ["operator-role.manage"]})
    row = Role.objects.get(pk=keeper.json()["id"])
    mate = world.user("mate@operator.example", "operator", "custom", custom_role=row)
    script = Script(mate, by=world.olga)
    more = script.post("/roles", {"name": "More", "base": "superuser", "permissions": ["system-property.read"]})
    assert codes(more) == {"permissions": ["role_escalation"]}
    own = script.ask("PATCH", f"/roles/{row.pk}", {"name": "Kings"})
    assert (own.status_code, own.json()["code"]) == (403, "own_rights")
    used = olga.ask("DELETE", f"/roles/{row.pk}")
    assert (used.status_code, used.json()["code"]) == (409, "used")


def test_a_stale_version_is_refused_and_so_is_all_where_customization_is_off(world: World, olga: Script) -> None:
    path = f"/roles/{olga.post('/roles', HELPERS).json()['id']}"
    assert olga.ask("PATCH", path, {"name": "A"}, If_Match='"1"').status_code == 200
    stale = olga.ask("PATCH", path, {"name": "B"}, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    SystemProperty.objects.filter(name=roles.SWITCH).update(value=False)
    for answer in (olga.post("/roles", HELPERS), olga.ask("PATCH", path, {"name": "C"}), olga.ask("DELETE", path)):
        assert (answer.status_code, answer.json()["code"]) == (403, "roles_closed")
    assert Role.objects.get().name == "A"
