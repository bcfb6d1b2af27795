"""The one filter: what it finds, what it refuses, and that it never leaves the actor's portal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bailiwick.engine.listing.criteria import COLUMNS, OPERATORS
from bailiwick.engine.listing.filters import FIELDS, InvalidFilter, matching
from bailiwick.models import Customer, EdgeState
from tests.world import NOW, World

if TYPE_CHECKING:
    from bailiwick.models import User


def found(world: World, raw: dict, user: User | None = None) -> set[str]:
    return set(matching(world.actor(user or world.olga), raw).values_list("name", flat=True))


@pytest.fixture
def cities(world: World) -> World:
    world.customer("Tailspin Toys", domain="tailspin.example", contact_name="Ola Nordmann", city="Bergen", country="NO")
    world.customer("Fabrikam", account_number="FAB-1", city="Zürich", country="CH", alerts_enabled=False)
    world.customer("東京電機", city="東京", country="JP")
    return world


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("spin toy", "Tailspin Toys"),
        ("FAB-1", "Fabrikam"),
        ("pin.example", "Tailspin Toys"),
        ("nordmann", "Tailspin Toys"),
        ("ZÜRICH", "Fabrikam"),
        ("zu\u0308rich", "Fabrikam"),
        ("京電", "東京電機"),
        ("京", "東京電機"),
        ("fa", "Fabrikam"),
        ("t", "Tailspin Toys"),
    ],
)
def test_lst_01_search_finds_text_in_any_searched_column(cities: World, text: str, name: str) -> None:
    assert found(cities, {"search": text}) == {name}


def test_search_treats_wildcards_as_letters(cities: World) -> None:
    cities.customer("100% Fit_ness \\o/")
    for text in ("0% f", "t_n", "\\o/"):
        assert found(cities, {"search": text}) == {"100% Fit_ness \\o/"}
    assert found(cities, {"search": "%%%"}) == set()


def test_lst_02_partner_is_null_leaves_direct_customers_only(cities: World) -> None:
    direct = {"Tailspin Toys", "Fabrikam", "東京電機"}
    assert found(cities, {"partner.isNull": "1"}) == direct
    assert found(cities, {"partner": "none"}) == direct
    assert found(cities, {"partner.isNotNull": "1"}) == {"Contoso"}
    assert found(cities, {"partner": cities.acme.pk}) == {"Contoso"}
    assert found(cities, {"partner.isNot": cities.acme.pk}) == direct


def test_edge_counts_and_states_are_filters(cities: World) -> None:
    fabrikam = Customer.objects.get(name="Fabrikam")
    cities.edges(fabrikam, 3, EdgeState.CONNECTED)
    cities.edges(fabrikam, 2, EdgeState.OFFLINE)
    assert found(cities, {"edges_down_min": 2}) == {"Fabrikam"}
    assert found(cities, {"edges_down_min": "3"}) == set()
    assert found(cities, {"edges.greaterOrEquals": 5, "edges_up_max": 3}) == {"Fabrikam"}
    assert found(cities, {"state": "down"}) == {"Fabrikam"}
    assert "Fabrikam" not in found(cities, {"state": "unactivated"})


def test_flags_come_from_pages_and_from_json(cities: World) -> None:
    assert found(cities, {"alerts_enabled": False}) == found(cities, {"alerts_enabled": "false"}) == {"Fabrikam"}
    assert "Fabrikam" not in found(cities, {"alerts_enabled": True})


def test_created_bounds_include_their_days(cities: World) -> None:
    day, before = NOW.date().isoformat(), (NOW.date() - timedelta(days=1)).isoformat()
    assert len(found(cities, {"created_from": day, "created_to": day})) == 4
    assert found(cities, {"created_to": before}) == set()
    assert len(found(cities, {"created_to": date.max.isoformat()})) == 4


@pytest.mark.parametrize(
    ("name", "value", "names"),
    [
        ("name.startsWith", "TAIL", {"Tailspin Toys"}),
        ("name.notStartsWith", "tail", {"Contoso", "Fabrikam", "東京電機"}),
        ("city.endsWith", "gen", {"Tailspin Toys"}),
        ("city.is", "bergen", {"Tailspin Toys"}),
        ("city.isNull", "1", {"Contoso"}),
        ("country.in", "NO,CH", {"Tailspin Toys", "Fabrikam"}),
        ("country.notIn", ["NO", "CH"], {"Contoso", "東京電機"}),
        ("contact_name.contains", "nord", {"Tailspin Toys"}),
        ("account_number.is", "fab-1", {"Fabrikam"}),
        ("bastion_state.isNot", "UNCONFIGURED", set()),
    ],
)
def test_advanced_operators_narrow_the_list(cities: World, name: str, value: object, names: set[str]) -> None:
    assert found(cities, {name: value}) == names


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"nonsense": "1"}, "unknown_filter"),
        ({"name.resembles": "x"}, "unknown_filter"),
        ({"password.is": "x"}, "unknown_filter"),
        ({"edges.startsWith": "1"}, "unknown_filter"),
        ({"partner": "acme"}, "invalid_choice"),
        ({"partner": -1}, "invalid_choice"),
        ({"partner": 2**63}, "invalid_choice"),
        ({"gateway_pool": 2**70}, "max_value"),
        ({"edges_down_min": "many"}, "invalid"),
        ({"edges_down_min": 2**31}, "max_value"),
        ({"edges.is": "9" * 400}, "invalid"),
        ({"state": "burning"}, "invalid_choice"),
        ({"alerts_enabled": "maybe"}, "invalid_choice"),
        ({"created_from": "yesterday"}, "invalid"),
        ({"country": "Norway"}, "invalid"),
        ({"search": "a\x00b"}, "forbidden_character"),
        ({"search": "\ud800"}, "forbidden_character"),
        ({"search": ["a"]}, "wrong_type"),
        ({"search": 123}, "wrong_type"),
        ({"search": False}, "wrong_type"),
        ({"country": 1}, "wrong_type"),
        ({"state": True}, "wrong_type"),
        ({"created_from": 2026}, "wrong_type"),
        ({"edges_min": 1.5}, "wrong_type"),
        ({"edges_min": True}, "wrong_type"),
        ({"partner": False}, "wrong_type"),
        ({"alerts_enabled": 0}, "wrong_type"),
        ({"name.contains": 123}, "wrong_type"),
        ({"city.in": [1, 2]}, "wrong_type"),
        ({"city.is": True}, "wrong_type"),
        ({"edges.is": "1.5"}, "invalid"),
        ({"city.isNull": 1}, "invalid"),
        ({"search": {"a": 1}}, "wrong_type"),
        ({"name.is": {"a": 1}}, "wrong_type"),
        ({"name.is": "\x00"}, "invalid"),
        ({"partner.in": list(range(1, 102))}, "too_many"),
    ],
)
def test_a_filter_that_says_nothing_sensible_is_refused(world: World, raw: dict, code: str) -> None:
    with pytest.raises(InvalidFilter) as refusal:
        matching(world.actor(world.olga), raw)
    assert [error["code"] for errors in refusal.value.errors.values() for error in errors] == [code]
    assert list(refusal.value.errors) == list(raw)


def test_an_empty_field_of_the_page_is_no_filter(cities: World) -> None:
    assert len(found(cities, dict.fromkeys(FIELDS, ""))) == 4
    assert len(found(cities, {"search": "  "})) == 4


def test_no_filter_reaches_beyond_the_actors_portal(cities: World) -> None:
    for raw in ({}, {"search": "a"}, {"partner": "none"}, {"partner": cities.acme.pk}, {"name.notContains": "zzz"}):
        assert found(cities, raw, cities.pia) <= {"Contoso"}
        assert found(cities, raw, cities.stranger) == set()
        assert found(cities, raw, cities.carla) <= {"Contoso"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.one_of(
        st.sampled_from([*FIELDS]),
        st.builds(lambda f, o: f"{f}.{o}", st.sampled_from([*COLUMNS]), st.sampled_from([*OPERATORS])),
    ),
    value=st.one_of(
        st.text(max_size=40), st.integers(), st.booleans(), st.none(), st.floats(), st.lists(st.text(max_size=5))
    ),
)
def test_any_value_is_answered_or_refused_and_never_breaks(world: World, name: str, value: object) -> None:
    try:
        list(matching(world.actor(world.olga), {name: value}).values_list("id"))
    except InvalidFilter as refusal:
        assert all(error["code"] for errors in refusal.errors.values() for error in errors)
