"""/api/v1/rollouts: who may, what is refused beside its field, and the way from preview to the end."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.fleet.rollout.advance import advance
from bailiwick.models import Edge, Rollout, SoftwareImage
from tests.api.client import Script
from tests.world import NOW, World


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    world.edges(world.contoso, 10)
    Edge.objects.update(activation_state="ACTIVATED")
    image = SoftwareImage.objects.create(name="Edge", version="5.4.0", sha256="ab" * 32, size=9)
    return {"operator_profile": world.profile.pk, "image": image.pk, "canary": 1, "percents": "50"}


def test_a_rollout_is_previewed_begun_paused_and_taken_back(world: World, olga: Script, body: dict[str, Any]) -> None:
    assert olga.post("/rollouts/preview", body).json() == {"edges": 10, "waves": [1, 4, 5], "offline": 0}
    assert not Rollout.objects.exists()
    made = olga.post("/rollouts", body)
    assert made.status_code == 201, made.content
    found = olga.get(made.headers["Location"].removeprefix("/api/v1")).json()
    assert (found["state"], found["steps"], [wave["edges"] for wave in found["waves"]]) == (
        "running", {"waiting": 10}, [1, 4, 5],
    )  # fmt: skip
    advance(NOW)
    path = f"/rollouts/{found['id']}"
    (ordered,) = olga.get(f"{path}/edges?step=ordered").json()["data"]
    assert (ordered["wave"], ordered["customer_id"]) == (1, world.contoso.pk)
    assert olga.post(f"{path}/pause", {}).json()["state"] == "paused"
    again = olga.post(f"{path}/pause", {})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert olga.post(f"{path}/continue", {}).json()["state"] == "running"
    assert olga.post(f"{path}/take-back", {}).json()["state"] == "taken_back"
    assert [each["id"] for each in olga.get("/rollouts").json()["data"]] == [found["id"]]
    assert olga.post(f"{path}/burn", {}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"image": None}, "image", "required"),
        ({"image": 999_999}, "image", "invalid_choice"),
        ({"operator_profile": 999_999}, "operator_profile", "invalid_choice"),
        ({"percents": "50, 20"}, "percents", "not_rising"),
        ({"percents": "many"}, "percents", "invalid"),
        ({"percents": [50, 100]}, "percents", "wrong_type"),
        ({"percents": "0, 100"}, "percents", "not_rising"),
        ({"canary": 0}, "canary", "min_value"),
        ({"patience_minutes": "soon"}, "patience_minutes", "invalid"),
        ({"window_from": "22:00"}, "window_until", "required"),
        ({"window_from": "22:00", "window_until": "22:00"}, "window_until", "empty_window"),
        ({"window_from": "25:00", "window_until": "3:00"}, "window_from", "invalid"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_bad_terms_are_said_beside_their_field(
    olga: Script, body: dict[str, Any], wrong: dict[str, Any], field: str, code: str
) -> None:
    for path in ("/rollouts", "/rollouts/preview"):
        answer = olga.post(path, {**body, **wrong})
        assert (answer.status_code, answer.json()["errors"][field][0]["code"]) == (422, code), answer.content
    assert not Rollout.objects.exists()


def test_a_second_one_of_the_profile_is_a_conflict(olga: Script, body: dict[str, Any]) -> None:
    assert olga.post("/rollouts", body).status_code == 201
    answer = olga.post("/rollouts", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "open_rollout")


def test_only_who_manages_profiles_begins_one_and_only_operators_see_them(
    world: World, olga: Script, body: dict[str, Any]
) -> None:
    for who in (world.bea, world.sam, world.pia, world.carla):
        assert Script(who).post("/rollouts", body).status_code == 403
        assert Script(who).post("/rollouts/preview", body).status_code == 403
    key = olga.post("/rollouts", body).json()["id"]
    assert Script(world.sam).get(f"/rollouts/{key}").status_code == 200
    assert Script(world.sam).post(f"/rollouts/{key}/pause", {}).status_code == 403
    for who in (world.pia, world.carla):
        assert Script(who).get(f"/rollouts/{key}").status_code in (403, 404)
        assert Script(who).get("/rollouts").status_code == 403


def test_edges_of_a_customer_that_let_nobody_in_are_not_named(world: World, olga: Script, body: dict[str, Any]) -> None:
    key = olga.post("/rollouts", body).json()["id"]
    world.contoso.operator_access = False
    world.contoso.save()
    assert olga.get(f"/rollouts/{key}/edges").json()["data"] == []
    assert olga.get(f"/rollouts/{key}").json()["steps"] == {"waiting": 10}
