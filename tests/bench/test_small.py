"""The benchmark runs whole at its small size: right rows and right counts, no clock."""

import pytest
from django.db import connection

from bench import schema
from bench.figure import Figure
from bench.size import SIZES
from bench.suite import measure
from bench.world import prepare, seed

SMALL = SIZES["small"]
KINDS = {
    *("schema", "load", "grid", "web", "export", "counters", "wall"),
    *("bulk", "preview", "request", "import", "clone", "delete"),
    *("heartbeat", "liveness", "event"),
}


@pytest.fixture
def small(transactional_db):
    seed(SMALL)
    return prepare(SMALL, seconds_to_load=1.0)


def test_every_scenario_gives_its_figures(small):
    figures = list(measure(small))
    assert {figure.name.split(".")[0] for figure in figures} == KINDS
    exact = [figure for figure in figures if figure.at_most == 0]
    assert [figure.name for figure in exact if figure.is_missed] == []


def test_a_foreign_key_without_index_is_found(small):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE planted (id int PRIMARY KEY, customer_id bigint REFERENCES bailiwick_customer (id))"
        )
        try:
            (figure,) = schema.run(small)
            assert figure.is_missed
            assert "planted" in figure.ours
        finally:
            cursor.execute("DROP TABLE planted")


def test_a_ratio_on_the_wrong_side_is_missed_and_a_slow_machine_is_not():
    assert Figure("x", "", "", ratio=1.3, at_most=1.25).is_missed
    assert not Figure("x", "", "", ratio=1.2, at_most=1.25).is_missed
    assert Figure("x", "", "", ratio=5, at_least=6).is_missed
    slow = Figure("x", "", "", ratio=1.2, at_most=1.25, aim="1 s", aim_met=False)
    assert (slow.is_missed, slow.verdict) == (False, "slow here")
