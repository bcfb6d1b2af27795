"""Roll-outs as pages: the terms, what they would mean, how far it is, and the buttons that an open one has."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bailiwick.fleet.rollout.advance import advance
from bailiwick.models import Edge, Rollout, RolloutEdge, SoftwareImage
from tests.web.conftest import signed_in
from tests.world import NOW, World


@pytest.fixture
def terms(world: World) -> dict[str, Any]:
    world.edges(world.contoso, 10)
    Edge.objects.update(activation_state="ACTIVATED")
    image = SoftwareImage.objects.create(name="Edge", version="5.4.0", sha256="ab" * 32, size=9)
    return {
        "operator_profile": world.profile.pk, "image": image.pk, "canary": "2", "percents": "50", "pause_minutes": "5",
        "most_failures": "0", "patience_minutes": "30",
    }  # fmt: skip


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_terms_are_looked_at_before_it_begins(world: World, terms: dict[str, Any]) -> None:
    client = signed_in(world.olga)
    assert b"Begin the roll-out" not in client.get(f"/rollouts/new?profile={world.profile.pk}").content
    looked = client.post("/rollouts/new", terms)
    assert (looked.status_code, "10 active edges would get the image 2 edges 3 edges 5 edges" in text(looked)) == (
        200,
        True,
    )
    assert not Rollout.objects.exists()
    begun = client.post("/rollouts/new", {**terms, "begin": "1"})
    assert begun.headers["Location"] == f"/rollouts/{Rollout.objects.get().pk}"
    wrong = client.post("/rollouts/new", {**terms, "percents": "x", "begin": "1"})
    assert (wrong.status_code, "Give whole numbers" in text(wrong)) == (422, True)


def test_a_halted_one_says_why_and_which_edges_and_goes_on(world: World, terms: dict[str, Any]) -> None:
    client = signed_in(world.olga)
    client.post("/rollouts/new", {**terms, "begin": "1"})
    rollout = Rollout.objects.get()
    page = f"/rollouts/{rollout.pk}"
    advance(NOW)
    RolloutEdge.objects.filter(step="ordered").update(step="failed", why="not_back", ended_at=rollout.judged_since)
    Rollout.objects.update(judged_since=NOW)
    RolloutEdge.objects.filter(step="failed").update(ended_at="2999-01-01T00:00:00Z")
    advance(NOW)
    shown = text(client.get(page))
    for words in ("Halted", "More edges failed than it may", "2 failed", "failed: It was not heard again.", "Continue"):
        assert words in shown, words
    assert client.get(f"{page}/live").status_code == 200
    assert client.post(f"{page}/continue").status_code == 302
    again = client.post(f"{page}/continue")
    assert (again.status_code, "no longer in a state" in text(again)) == (409, True)
    assert client.post(f"{page}/take-back").status_code == 302
    assert (client.get(f"{page}/live").status_code, client.post(f"{page}/burn").status_code) == (286, 404)
    assert "Taken back" in text(client.get("/rollouts"))


def test_who_may_only_read_has_no_buttons(world: World, terms: dict[str, Any]) -> None:
    signed_in(world.olga).post("/rollouts/new", {**terms, "begin": "1"})
    page = f"/rollouts/{Rollout.objects.get().pk}"
    reader = signed_in(world.sam)
    assert (reader.get(page).status_code, b"Take back" in reader.get(page).content) == (200, False)
    assert (reader.post(f"{page}/pause").status_code, reader.get("/rollouts/new").status_code) == (403, 403)
    for who in (world.pia, world.carla):
        assert signed_in(who).get(page).status_code == 403
