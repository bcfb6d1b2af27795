"""One or two letters in the search box: what the indexes say alone is what the filter says."""

import pytest

from bailiwick.engine.listing import beginnings, grid
from bailiwick.engine.listing.filters import matching
from bailiwick.models import Customer
from tests.world import World

NAMES = (
    ("Steel & Sons", "AB-1", "steel.example"),
    ("Anvil", "ST-2", "anvil.example"),
    ("Forge", "AB-3", "st-forge.example"),
    ("stone", "st-4", "stone.example"),
    ("Suture", "AB-5", ""),
    ("Straße", "AB-6", ""),
)


@pytest.fixture
def named(world: World) -> World:
    for name, account, domain in NAMES:
        customer = world.customer(name, domain=domain)
        Customer.objects.filter(pk=customer.pk).update(account_number=account, account_key=account.casefold())
    return world


def shown(actor, text, sort="name", **more):
    return grid.page(actor, {"search": text}, sort=sort, **more)


@pytest.mark.parametrize("text", ["st", "S", "a", "ab", "-", "z", "~", "sz"])
@pytest.mark.parametrize("sort", ["name", "-name"])
def test_it_finds_what_the_filter_finds_in_the_same_order(named, text, sort):
    olga = named.actor(named.olga)
    rows = matching(olga, {"search": text}).order_by(f"{sort}_key", "pk" if sort == "name" else "-pk")
    found = shown(olga, text, sort)
    assert [row.id for row in found.rows] == [row.pk for row in rows]
    assert found.total.count == rows.count()


def test_each_customer_comes_once_and_pages_follow_one_another(named):
    olga = named.actor(named.olga)
    first = shown(olga, "st", limit=2)
    second = shown(olga, "st", limit=3, after=first.next)
    assert [row.name for page in (first, second) for row in page.rows] == [
        "Anvil",
        "Forge",
        "Steel & Sons",
        "stone",
        "Straße",
    ]
    assert first.total.count == second.total.count == 5


def test_more_than_the_list_counts_are_walked(named, monkeypatch):
    monkeypatch.setattr(beginnings, "CAP", 3)
    found = shown(named.actor(named.olga), "st")
    assert len(found.rows) == 5
    assert not found.total.exact


@pytest.mark.parametrize(
    ("who", "raw"),
    [("pia", {"search": "st"}), ("olga", {"search": "st", "state": "up"}), ("olga", {"search": "steel"}), ("olga", {})],
)
def test_only_an_operators_short_search_alone_goes_this_way(world, who, raw):
    assert not beginnings.key_of(world.actor(getattr(world, who)), raw)
    assert beginnings.key_of(world.actor(world.olga), {"search": " St ", "state": ""}) == "st"


def test_what_cannot_be_searched_for_is_refused_as_always(world):
    with pytest.raises(grid.InvalidParams):
        shown(world.actor(world.olga), "a\0")
