"""A page by its number is the page that walking reaches, in every order, few rows or many."""

from __future__ import annotations

import random

import pytest

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing import grid, jump
from bailiwick.engine.listing.jump import page_at
from bailiwick.engine.listing.sorts import SORTS
from tests.api.client import Script
from tests.world import World


@pytest.fixture
def crowd(world: World) -> World:
    """Customers with equal values, some of them closed to operators."""
    dice = random.Random(5)
    for number in range(30):
        customer = world.customer(
            f"{dice.choice(['Alpha', 'beta'])} {number}",
            partner=dice.choice([None, world.acme]),
            city=dice.choice(["", "Oslo"]),
            operator_access=bool(number % 7),
        )
        world.edges(customer, dice.choice([0, 0, 1, 2]))
    return world


@pytest.fixture(params=["few", "many"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Counted rows are found one by one; of more than the cap there are anchors."""
    jump._kept.clear()
    if request.param == "many":
        monkeypatch.setattr(jump, "CAP", 5)
        monkeypatch.setattr(jump, "STEP", 4)
    return str(request.param)


@pytest.mark.parametrize("way", ["", "-"])
def test_a_page_by_number_is_the_page_that_walking_reaches(crowd: World, size: str, way: str) -> None:
    actor = crowd.actor(crowd.olga)
    for column in SORTS:
        sort, walked = way + column, None
        for number in range(1, 6):
            walked = grid.page(actor, {}, sort=sort, limit=7, after=walked.next if walked else None)
            found = page_at(actor, {}, number, sort=sort, limit=7)
            assert [row.id for row in found.rows] == [row.id for row in walked.rows], (sort, number)
            assert (found.start, found.next, found.previous) == (walked.start, walked.next, walked.previous)


def test_a_page_of_a_filtered_list_has_a_number_too(crowd: World, size: str) -> None:
    actor, raw = crowd.actor(crowd.olga), {"name.startsWith": "alpha"}
    first = grid.page(actor, raw, limit=4)
    second = grid.page(actor, raw, limit=4, after=first.next)
    assert page_at(actor, raw, 2, limit=4).rows == second.rows


def test_behind_the_last_page_there_is_nothing(crowd: World, size: str) -> None:
    actor = crowd.actor(crowd.olga)
    for number in (9, 10_000):
        found = page_at(actor, {}, number, limit=4)
        assert (list(found.rows), found.next, found.previous, found.total.count) == ([], None, None, 31)


@pytest.mark.parametrize("number", [0, -1, 2**31 + 1, 2**70])
def test_a_number_that_no_page_has_is_refused(crowd: World, number: int) -> None:
    with pytest.raises(InvalidParams) as refusal:
        page_at(crowd.actor(crowd.olga), {}, number)
    assert refusal.value.errors["page"][0]["code"] == "page_range"


def test_rest_takes_a_page_number(crowd: World) -> None:
    script = Script(crowd.olga)
    first = script.get("/customers?limit=5").json()
    assert (
        script.get(f"/customers?limit=5&after={first['next']}").json() == script.get("/customers?limit=5&page=2").json()
    )
    assert script.get("/customers?page=0").status_code == 422
