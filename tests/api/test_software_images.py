"""Software images over REST (domain 10.2): who may, what is refused, and that a deprecated one is offered nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.models import ActivationState, Edge, Event, SoftwareImage
from tests.actions.test_update_edge_image_management import profile
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World

PATH = "/software-images"
NEW = {"name": "Edge", "version": "6.4.0", "build_number": "R640-20260901", "device_family": "edge6X0"}


@pytest.mark.parametrize(("who", "reads", "makes"), [("olga", 200, 201), ("stan", 200, 201), ("bea", 200, 403),
                                                     ("pia", 403, 403), ("carla", 403, 403)])  # fmt: skip
def test_who_reads_and_who_makes(world: World, who: str, reads: int, makes: int) -> None:
    script = Script(getattr(world, who), by=world.olga)
    assert (script.get(PATH).status_code, script.post(PATH, NEW).status_code) == (reads, makes)


def test_it_is_made_deprecated_offered_again_and_deleted_with_an_event_each(world: World) -> None:
    olga = Script(world.olga)
    made = olga.post(PATH, NEW).json()
    assert {name: made[name] for name in NEW} == NEW
    path = f"{PATH}/{made['id']}"
    for deprecated in (True, True, False):
        assert olga.ask("PATCH", path, {"deprecated": deprecated}).json()["deprecated"] is deprecated
    assert olga.ask("DELETE", path).status_code == 204
    assert olga.get(path).status_code == 404
    names = list(Event.objects.filter(subject="Edge 6.4.0").values_list("name", flat=True))
    assert names == ["SOFTWARE_UPLOAD", "SOFTWARE_DEPRECATED", "SOFTWARE_OFFERED", "SOFTWARE_PKG_DELETE"]


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": ""}, "name"), ({"version": ""}, "version"), ({"version": "x" * 65}, "version"),
     ({"build_number": "a\0b"}, "build_number"), ({"deprecated": True}, "deprecated"), ({"version": 6}, None)],
)  # fmt: skip
def test_bad_input_is_said_beside_its_field(world: World, given: dict[str, Any], field: str | None) -> None:
    answer = Script(world.olga).post(PATH, {**NEW, **given})
    if field is None:
        assert answer.status_code in (201, 422)
        return
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {field})
    assert SoftwareImage.objects.count() == 1


def test_the_same_image_is_known_once_and_one_in_use_stays(world: World) -> None:
    olga = Script(world.olga)
    assert olga.post(PATH, NEW).status_code == 201
    assert olga.post(PATH, NEW).json()["errors"]["version"][0]["code"] == "version_taken"
    assert olga.post(PATH, {**NEW, "build_number": "R640-2"}).status_code == 201
    used = olga.ask("DELETE", f"{PATH}/{world.profile.image_id}")
    assert (used.status_code, "1 operator profile brings it." in used.content.decode()) == (409, True)
    assert olga.ask("PATCH", f"{PATH}/{world.profile.image_id}", {}).status_code == 422


def test_one_that_an_edge_runs_stays_until_it_runs_another(world: World) -> None:
    olga = Script(world.olga)
    path = f"{PATH}/{olga.post(PATH, NEW).json()['id']}"
    edges = Edge.objects.filter(pk=world.edges(world.contoso)[0].pk)
    edges.update(software_version="6.4.0", activation_state=ActivationState.ACTIVATED)
    running = olga.ask("DELETE", path)
    assert (running.status_code, running.json()["code"], running.json()["detail"]) == (409, "in_use", "1 edge runs it.")
    edges.update(software_version="6.5.0")
    assert olga.ask("DELETE", path).status_code == 204


def test_a_deprecated_image_is_offered_by_no_form_and_taken_by_no_door(world: World) -> None:
    olga, browser = Script(world.olga), signed_in(world.olga)
    early = profile(world, "Early", image=SoftwareImage.objects.create(**NEW))
    pages = ("/actions/new-customer/dialog", "/actions/assign-operator-profile/dialog")

    def offering() -> list[bool]:
        return ["Early" in browser.post(page, {"id": world.contoso.pk}).content.decode() for page in pages]

    assert offering() == [True, True]
    olga.ask("PATCH", f"{PATH}/{early.image_id}", {"deprecated": True})
    assert offering() == [False, False]
    body = {"select": {"ids": [world.contoso.pk]}, "params": {"operator_profile": early.pk}}
    assert olga.post("/actions/assign-operator-profile", body).status_code == 422
