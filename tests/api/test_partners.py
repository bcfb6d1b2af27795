"""Partners over REST: strangers and wrong roles first, then a partner's whole life."""

from __future__ import annotations

import pytest
from django.test import Client

from bailiwick.models import OperatorProfile, Partner
from tests.api.client import Script
from tests.world import World

ADD_PROFILES = "/partners/add-operator-profiles"


def test_a_stranger_gets_nothing(world: World) -> None:
    for method in ("get", "post"):
        assert getattr(Client(), method)("/api/v1/partners").status_code == 401
    assert Client().delete(f"/api/v1/partners/{world.zenith.pk}").status_code == 401


@pytest.mark.parametrize("name", ["sam", "pia", "carla"])
def test_a_wrong_role_is_refused(world: World, name: str) -> None:
    script = Script(getattr(world, name), by=world.olga)
    assert script.post("/partners", {"name": "Northwind"}).status_code == 403
    assert script.ask("DELETE", f"/partners/{world.acme.pk}").status_code == 403
    assert Partner.objects.count() == 2


def test_a_foreign_partner_and_one_that_is_not_there_are_the_same(world: World) -> None:
    script = Script(world.pia)
    for method, body in (("GET", None), ("PATCH", {"operator_access": False})):
        foreign = script.ask(method, f"/partners/{world.zenith.pk}", body)
        absent = script.ask(method, "/partners/999999", body)
        assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content) == (404, foreign.content)


def test_a_partners_life(world: World) -> None:
    olga = Script(world.olga)
    body = {"name": "Northwind", "gateway_pools": [world.pool.pk], "admin_email": "ada@northwind.example"}
    made = olga.post("/partners", body)
    assert (made.status_code, made.json()["gateway_pools"], made.headers["ETag"]) == (201, [world.pool.pk], '"1"')
    path = made.headers["Location"].removeprefix("/api/v1")
    assert olga.get(path).json() == made.json()
    changed = olga.ask("PATCH", path, {"city": "Zürich"}, If_Match='"1"')
    assert (changed.status_code, changed.json()["city"], changed.headers["ETag"]) == (200, "Zürich", '"2"')
    stale = olga.ask("PATCH", path, {"city": "Bern"}, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert olga.ask("PATCH", path, {"city": "Bern", "version": 1}).status_code == 409
    assert olga.ask("PATCH", path, {"logical_id": "x"}).json()["errors"]["logical_id"][0]["code"] == "unknown_field"
    assert olga.ask("DELETE", path).status_code == 204
    assert olga.get(path).status_code == 404
    assert olga.ask("DELETE", path).status_code == 404


def test_errors_have_the_codes_of_the_pages(world: World) -> None:
    olga = Script(world.olga)
    taken = olga.post("/partners", {"name": "zenith"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert olga.post("/partners", {}).json()["errors"]["name"][0]["code"] == "required"
    held = olga.ask("DELETE", f"/partners/{world.acme.pk}")
    assert (held.status_code, held.json()["code"]) == (409, "has_customers")


NEVER_NULL = ("operator_access", "operate_gateways", "gateway_pools", "operator_profiles")


@pytest.mark.parametrize("field", NEVER_NULL)
def test_null_is_no_switch_and_no_list(world: World, field: str) -> None:
    olga, path = Script(world.olga), f"/partners/{world.acme.pk}"
    before = olga.get(path).json()
    answer = olga.ask("PATCH", path, {field: None, "city": "Bern"})
    assert (answer.status_code, answer.json()["errors"][field][0]["code"]) == (422, "wrong_type")
    assert olga.get(path).json() == before
    assert olga.ask("PATCH", path, {"default_pool": None, "city": "Bern"}).status_code == 200, "there may be none"


def test_the_list_counts_customers_and_searches(world: World) -> None:
    world.customers(3, partner=world.zenith)
    found = Script(world.olga).get("/partners?search=ZEN").json()["data"]
    assert [(row["name"], row["customers"], row["operate_gateways"]) for row in found] == [("Zenith", 3, False)]


def test_a_partner_that_withdrew_operator_access_stays_in_the_list_and_is_not_opened(world: World) -> None:
    Partner.objects.filter(pk=world.acme.pk).update(operator_access=False)
    olga = Script(world.olga)
    assert "Acme Partners" in [row["name"] for row in olga.get("/partners").json()["data"]]
    refused = olga.get(f"/partners/{world.acme.pk}")
    assert (refused.status_code, refused.json()["code"]) == (403, "operator_access_withdrawn")
    assert Script(world.pia).get(f"/partners/{world.acme.pk}").status_code == 200


def test_profiles_are_added_to_the_selected_partners_and_each_is_told(world: World) -> None:
    more = OperatorProfile.objects.create(name="6.0", name_key="6.0", image=world.profile.image)
    Partner.objects.filter(pk=world.zenith.pk).update(operator_access=False)
    body = {"select": {"ids": [world.acme.pk, world.zenith.pk]}, "params": {"operator_profiles": [more.pk]}}
    for name in ("sam", "pia", "carla"):
        assert Script(getattr(world, name), by=world.olga).post(ADD_PROFILES, body).status_code == 403
    olga = Script(world.olga)
    told = olga.post(ADD_PROFILES, body)
    assert (told.status_code, [(row["partner"], row["code"]) for row in told.json()]) == (
        200,
        [("Acme Partners", ""), ("Zenith", "operator_access_withdrawn")],
    )
    assert olga.get(f"/partners/{world.acme.pk}").json()["operator_profiles"] == [world.profile.pk, more.pk]
    again = olga.post(ADD_PROFILES, {"select": {"matching": {"search": "acme"}}, "params": body["params"]}).json()
    assert [(row["id"], row["code"]) for row in again] == [(world.acme.pk, "already_so")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"params": {"operator_profiles": [1]}}, "select"),
        ({"select": {"ids": []}, "params": {}}, "select"),
        ({"select": {"ids": [1]}, "params": []}, "params"),
        ({"select": {"ids": [1]}, "params": {}}, "operator_profiles"),
        ({"select": {"ids": [1]}, "params": {"operator_profiles": None}}, "operator_profiles"),
        ({"select": {"ids": [1]}, "params": {"name": "x"}}, "name"),
        ({"select": {"ids": [1]}, "params": {}, "confirm": 1}, "confirm"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field(world: World, body: object, field: str) -> None:
    answer = Script(world.olga).post(ADD_PROFILES, body)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]
