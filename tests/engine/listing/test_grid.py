"""Keyset pages: every row once, both ways, in any sort; tokens that nobody can bend; names that are current."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing import counting, grid, statements
from bailiwick.engine.listing.sorts import SORTS
from bailiwick.engine.listing.spot import Spot, seal
from bailiwick.models import Customer, EdgeState, Partner
from tests.world import NOW, World

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor


@pytest.fixture
def crowd(world: World) -> World:
    """Customers with many equal values, so that every sort has ties."""
    dice = random.Random(7)
    for number in range(40):
        customer = world.customer(
            f"{dice.choice(['Alpha', 'beta', 'Ωmega', '東京'])} {number}",
            partner=dice.choice([None, world.acme, world.zenith]),
            domain=f"d{number}.example" if number % 3 else "",
            city=dice.choice(["", "Bergen", "bergen", "Oslo"]),
            alerts_enabled=bool(number % 2),
        )
        for state in (EdgeState.CONNECTED, EdgeState.OFFLINE, EdgeState.DEGRADED):
            world.edges(customer, dice.choice([0, 0, 1, 2]), state)
    return world


def walk(actor: Actor, raw: dict, *, sort: str, limit: int) -> list[grid.Page]:
    pages = [grid.page(actor, raw, sort=sort, limit=limit)]
    while pages[-1].next and len(pages) < 100:
        pages.append(grid.page(actor, raw, sort=sort, limit=limit, after=pages[-1].next))
    return pages


@pytest.mark.parametrize("filtered", [False, True])
@pytest.mark.parametrize("way", ["", "-"])
def test_walking_any_sort_in_both_directions_shows_each_customer_once(
    crowd: World, way: str, *, filtered: bool
) -> None:
    actor, raw = crowd.actor(crowd.olga), {"name.notContains": "zzz"} if filtered else {}
    everybody = set(Customer.objects.values_list("id", flat=True))
    for column in SORTS:
        pages = walk(actor, raw, sort=way + column, limit=7)
        ids = [row.id for page in pages for row in page.rows]
        assert (column, len(ids)) == (column, len(set(ids)))
        assert set(ids) == everybody, column
        assert [page.start for page in pages] == list(range(0, len(ids), 7))
        assert all(page.total == counting.Total(len(everybody)) for page in pages)
        assert pages[0].previous is None

        page = pages[-1]
        for earlier in reversed(pages[:-1]):
            page = grid.page(actor, raw, sort=way + column, limit=7, before=page.previous)
            assert ([row.id for row in page.rows], page.start) == ([row.id for row in earlier.rows], earlier.start), (
                column
            )
        assert page.previous is None


@pytest.mark.parametrize("way", ["", "-"])
def test_every_sort_is_in_the_order_of_its_keys(crowd: World, way: str) -> None:
    actor = crowd.actor(crowd.olga)
    for column, sort in SORTS.items():
        order = [key.desc() if way else key.asc() for key in (*sort.keys, F(sort.id))]
        expected = list(Customer.objects.order_by(*order).values_list("id", flat=True))
        walked = [row.id for page in walk(actor, {}, sort=way + column, limit=11) for row in page.rows]
        assert (column, walked) == (column, expected)


@pytest.mark.parametrize("way", ["", "-"])
def test_every_sort_loses_and_doubles_nobody_while_others_come_and_go(crowd: World, way: str) -> None:
    actor = crowd.actor(crowd.olga)
    stays = set(Customer.objects.values_list("id", flat=True)) - {crowd.contoso.pk}
    for number, column in enumerate(SORTS):
        first = grid.page(actor, {}, sort=way + column, limit=9)
        came = crowd.customer(f"Alpha newcomer {number}", partner=crowd.zenith)
        Customer.objects.filter(pk=crowd.contoso.pk).update(deleted_at=NOW if number % 2 else None)
        ids, page = [row.id for row in first.rows], first
        while page.next:
            page = grid.page(actor, {}, sort=way + column, limit=9, after=page.next)
            ids += [row.id for row in page.rows]
        assert (column, len(ids)) == (column, len(set(ids)))
        assert stays <= set(ids), column
        stays.add(came.pk)


def test_a_partner_renamed_between_two_pages_is_sought_by_its_new_name(crowd: World) -> None:
    actor = crowd.actor(crowd.olga)
    grid.page(actor, {}, sort="partner", limit=3)
    Partner.objects.filter(pk=crowd.acme.pk).update(name="Zzz Group", name_key="zzz group")
    partners = [row.partner_id for row in grid.page(actor, {}, sort="-partner", limit=100).rows]
    assert partners[0] == crowd.acme.pk
    assert partners == sorted(partners, key=lambda key: {None: 2, crowd.acme.pk: 0, crowd.zenith.pk: 1}[key])


def test_each_sort_is_in_the_order_it_says(crowd: World) -> None:
    actor = crowd.actor(crowd.olga)
    rows = grid.page(actor, {}, sort="-edges_down", limit=100).rows
    assert [row.edges_down for row in rows] == sorted((row.edges_down for row in rows), reverse=True)
    rows = grid.page(actor, {}, sort="edges_down", limit=100).rows
    assert [row.edges_down for row in rows] == sorted(row.edges_down for row in rows)
    names = [row.name for row in grid.page(actor, {}, limit=100).rows]
    assert names == list(Customer.objects.order_by("name_key").values_list("name", flat=True))
    domains = [row.domain for row in grid.page(actor, {}, sort="-domain", limit=100).rows]
    assert domains == sorted(domains, reverse=True)
    partners = [row.partner_id for row in grid.page(actor, {}, sort="partner", limit=100).rows]
    assert partners == sorted(partners, key=lambda key: {None: 0, crowd.acme.pk: 1, crowd.zenith.pk: 2}[key])


def test_a_large_subset_is_walked_and_shows_the_same_rows(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, raw = crowd.actor(crowd.olga), {"name.notContains": "zzz"}
    for column in ("name", "-edges", "-edges_down", "edges_down", "domain"):
        few = [row.id for page in walk(actor, raw, sort=column, limit=9) for row in page.rows]
        with monkeypatch.context() as patch:
            patch.setattr(grid, "CAP", 5)
            patch.setattr(statements, "CAP", 5)
            pages = walk(actor, raw, sort=column, limit=9)
        counting._large.clear()
        assert [row.id for page in pages for row in page.rows] == few
        assert pages[0].total == counting.Total(5, exact=False)


def test_the_customers_of_a_large_owner_are_walked_without_reading_them_all(
    crowd: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, raw = crowd.actor(crowd.olga), {"partner": crowd.acme.pk}
    for user, filtered in ((actor, raw), (crowd.actor(crowd.pia), {})):
        few = [row.id for page in walk(user, filtered, sort="-edges", limit=4) for row in page.rows]
        with monkeypatch.context() as patch:
            patch.setattr(grid, "CAP", 5)
            patch.setattr(grid, "_fenced", None)
            pages = walk(user, filtered, sort="-edges", limit=4)
        counting._large.clear()
        assert [row.id for page in pages for row in page.rows] == few
        assert pages[0].total == counting.Total(5, exact=False)


def test_lst_06_the_second_page_of_2049_customers_is_reached_by_the_token(world: World) -> None:
    world.customers(2_048)
    actor = world.actor(world.olga)
    first = grid.page(actor, {}, limit=2_048)
    second = grid.page(actor, {}, limit=2_048, after=first.next)
    assert (len(first.rows), len(second.rows), second.next) == (2_048, 1, None)
    assert second.start == 2_048


@pytest.mark.parametrize("limit", [0, -1, 2_049])
def test_a_page_size_out_of_range_is_refused(world: World, limit: int) -> None:
    with pytest.raises(InvalidParams) as refusal:
        grid.page(world.actor(world.olga), {}, limit=limit)
    assert refusal.value.errors["limit"][0]["code"] == "limit_range"


@pytest.mark.parametrize("token", ["x", "", "a.b", "W10.abc", "\x00", "é" * 50, "." * 500, "W10" * 2_000])
@pytest.mark.parametrize("field", ["after", "before"])
def test_a_garbage_token_is_refused_by_name(world: World, field: str, token: str) -> None:
    if not token:
        assert grid.page(world.actor(world.olga), {}, **{field: token}).start == 0
        return
    with pytest.raises(InvalidParams) as refusal:
        grid.page(world.actor(world.olga), {}, **{field: token})
    assert refusal.value.errors[field][0]["code"] == "bad_page_token"


def test_a_token_cannot_be_bent_or_used_in_another_sort(world: World) -> None:
    world.customers(3)
    token = grid.page(world.actor(world.olga), {}, limit=1).next
    assert token
    with pytest.raises(InvalidParams) as refusal:
        grid.page(world.actor(world.olga), {}, after=token, sort="-name")
    assert refusal.value.errors["after"][0]["code"] == "other_sort"
    for bent in (token[:-1] + ("a" if token[-1] != "a" else "b"), "A" + token[1:]):
        with pytest.raises(InvalidParams):
            grid.page(world.actor(world.olga), {}, after=bent)


def test_an_unknown_sort_is_refused(world: World) -> None:
    for sort in ("password", "--name", "", "name; DROP TABLE", "-"):
        with pytest.raises(InvalidParams) as refusal:
            grid.page(world.actor(world.olga), {}, sort=sort)
        assert refusal.value.errors["sort"][0]["code"] == "unknown_sort"


def test_a_very_long_name_still_has_a_short_token(world: World) -> None:
    # One of these characters folds to 18: the key is four times as long as the name.
    names = ["\ufdfa" * 50 + f" {number}" for number in range(5)]
    for name in names:
        world.customer(name)
    actor = world.actor(world.olga)
    raw = {"name.notContains": "contoso"}
    pages = walk(actor, raw, sort="name", limit=2)
    assert [row.name for page in pages for row in page.rows] == names
    assert all(len(page.next) < 400 for page in pages[:-1])
    ghost = seal(Spot("name", "x" * 300, 2**40, 1))
    with pytest.raises(InvalidParams) as refusal:
        grid.page(actor, raw, after=ghost)
    assert refusal.value.errors["after"][0]["code"] == "page_gone"


def test_everybody_sees_their_own_portal_only(crowd: World) -> None:
    for user, partner in ((crowd.pia, crowd.acme), (crowd.stranger, crowd.zenith)):
        pages = walk(crowd.actor(user), {}, sort="-edges", limit=5)
        assert {row.partner_id for page in pages for row in page.rows} == {partner.pk}
        assert pages[0].total.count == Customer.objects.filter(partner=partner).count()
    assert [row.id for row in grid.page(crowd.actor(crowd.carla), {}).rows] == [crowd.contoso.pk]


def test_another_portals_token_opens_only_the_own_rows(crowd: World) -> None:
    token = grid.page(crowd.actor(crowd.olga), {}, limit=3).next
    rows = grid.page(crowd.actor(crowd.pia), {}, limit=100, after=token).rows
    assert {row.partner_id for row in rows} == {crowd.acme.pk}


def test_deleted_customers_are_not_listed(crowd: World) -> None:
    Customer.objects.filter(pk=crowd.contoso.pk).update(deleted_at=NOW)
    for column in ("name", "-edges_down", "created"):
        assert crowd.contoso.pk not in [row.id for row in grid.page(crowd.actor(crowd.olga), {}, sort=column).rows]


def test_a_renamed_partner_is_called_by_its_new_name_at_once(world: World) -> None:
    actor = world.actor(world.olga)
    assert grid.page(actor, {}).names.partners[world.acme.pk] == "Acme Partners"
    Partner.objects.filter(pk=world.acme.pk).update(name="Acme Group")
    assert grid.page(actor, {}).names.partners[world.acme.pk] == "Acme Group"


def test_details_come_when_asked_for(world: World) -> None:
    world.customer("Tailspin Toys", city="Bergen", contact_name="Ola")
    actor = world.actor(world.olga)
    for raw in ({}, {"search": "tailspin"}):
        assert {row.city for row in grid.page(actor, raw).rows} == {""}
        assert "Bergen" in {row.city for row in grid.page(actor, raw, detail=True).rows}


def test_a_page_behind_the_last_is_empty_and_says_how_many_there_are(world: World) -> None:
    world.customers(4)
    actor = world.actor(world.olga)
    for raw in ({}, {"search": "customer"}):
        token = grid.page(actor, raw, limit=2, sort="-name").next
        last = seal(Spot("-name", "", 0, 9))
        assert token
        page = grid.page(actor, raw, limit=2, sort="-name", after=last)
        assert (list(page.rows), page.next, page.total.count) == ([], None, 5 - len(raw))
