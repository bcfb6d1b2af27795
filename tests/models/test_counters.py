"""The counters that the list shows equal a recount, whatever is done to the edges and in what order."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bailiwick.models import CustomerStat, Edge, EdgeState
from bench.counters import WRONG

PLACES = st.lists(st.integers(0, 100), max_size=12)
CUSTOMER = st.integers(0, 2)
STATE = st.sampled_from(EdgeState.values)
STEP = st.one_of(
    st.tuples(st.just("add"), CUSTOMER, st.integers(0, 5), STATE),
    st.tuples(st.just("change"), PLACES, st.fixed_dictionaries({"state": STATE})),
    st.tuples(st.just("move"), PLACES, CUSTOMER),
    st.tuples(st.just("move and change"), PLACES, CUSTOMER, STATE),
    st.tuples(st.just("change"), PLACES, st.just({"city": "Elsewhere"})),
    st.tuples(st.just("delete"), PLACES),
)


def wrong_counters():
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        return cursor.fetchone()[0]


def chosen(places):
    ids = list(Edge.objects.order_by("id").values_list("id", flat=True))
    return Edge.objects.filter(id__in={ids[place % len(ids)] for place in places} if ids else [])


def take(step, world, customers):
    """Does one step as one statement, so that the triggers see several rows at once."""
    match step:
        case "add", customer, number, state:
            world.edges(customers[customer], number, state)
        case "change", places, values:
            chosen(places).update(**values)
        case "move", places, customer:
            chosen(places).update(customer=customers[customer])
        case "move and change", places, customer, state:
            chosen(places).update(customer=customers[customer], state=state)
        case "delete", places:
            chosen(places)._raw_delete("default")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_counters_equal_a_recount_after_any_changes(world, steps):
    customers = [world.customer(f"Owner {next(world.numbers)}") for _ in range(3)]
    for step in steps:
        take(step, world, customers)
        assert wrong_counters() == 0


def test_a_recount_finds_a_counter_that_was_changed_by_hand(world):
    world.edges(world.contoso, 3)
    assert wrong_counters() == 0
    CustomerStat.objects.filter(customer=world.contoso).update(edges_connected=2)
    assert wrong_counters() == 1


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([], 0),
        (["CONNECTED"], 1),
        (["CONNECTED", "DEGRADED"], 2),
        (["DEGRADED", "OFFLINE", "CONNECTED"], 3),
        (["NEVER_ACTIVATED"], 0),
    ],
)
def test_the_worst_edge_gives_the_customer_its_state(world, states, status):
    for state in states:
        world.edges(world.contoso, 1, state)
    assert CustomerStat.objects.get(customer=world.contoso).status == status
