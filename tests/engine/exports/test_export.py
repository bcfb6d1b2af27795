"""Files from the database: any separator, any text, constant memory, and no query that outlives its reader."""

from __future__ import annotations

import gzip
import time
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.exports.customer_table import COLUMNS, customer_table
from bailiwick.engine.exports.dialect import BLOCK, Dialect, guarded
from bailiwick.engine.exports.export import download, stream
from bailiwick.engine.exports.table import Column, Kind, Table
from bailiwick.models import Customer, CustomerDetail, Event, User
from tests.engine.exports.test_dialect import SEPARATORS
from tests.engine.files import read
from tests.world import NOW, World

# The stream reads on a connection of its own: only what is committed is there.
committed = pytest.mark.django_db(transaction=True)
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "'=1",
    "''=1",
    "' =1",
    "'",
    'a "quoted" name',
    '"',
    '""',
    '"\n"',
    '"\r\n"',
    '",\n"',
    "x\ny",
    "x\r\ny",
    "x\ry",
    "\n",
    "\r\n",
    "a;b",
    "a,b",
    "a|b",
    "a\tb",
    "a§b",
    "a\x1fb",
    '"\x1f"',
    "\x1e",
    "\\.",
    "\\N",
    "NULL",
    "null",
    "true",
    "0",
    "1e5",
    "007",
    "a\\nb",
    " ",
    "",
    "  x  ",
    "Ärger",
    "株式会社",
    "مرحبا",
    "🏢👩‍🚀",
    "e\u0301",
    "\u202eabc",
    "x" * 300_000,
    "%s",
    "%%",
    "{0}",
    "$1",
]


class Literal:
    """A queryset that is written out, as far as Table asks."""

    def __init__(self, sql: str, *params: object) -> None:
        self.query = self
        self.as_sql = lambda: (sql, params)

    def get_compiler(self, *_names: str, **_options: bool) -> Literal:
        return self

    def values_list(self, *_paths: str) -> Literal:
        return self


MANY = Table(
    Literal("SELECT repeat('x', 100) FROM (SELECT generate_series(1, %s)) AS s", 500_000_000), [Column("X", "x")]
)


def stored(pairs: list[tuple[str, str]]) -> Table:
    """Texts as a table holds them, whatever a form would say to them."""
    values = ", ".join(["(%s::int, %s::text, %s::text)"] * (len(pairs) + 1))
    rows = [value for number, pair in enumerate([("", ""), *pairs]) for value in (number, *pair)]
    literal = Literal(f"SELECT a, n, b FROM (VALUES {values}) AS v(n, a, b) WHERE n > 0 ORDER BY n", *rows)
    return Table(literal, [Column("A", "a"), Column("N", "n", Kind.PLAIN), Column("B", "b")])


@pytest.mark.django_db
@pytest.mark.parametrize("separator", SEPARATORS)
def test_exp_06_every_text_comes_back_with_every_separator(separator: str) -> None:
    pairs = list(zip(HOSTILE, reversed(HOSTILE), strict=True))
    for guard, shown in ((False, str), (True, guarded)):
        data = b"".join(stream(stored(pairs), Dialect(separator=separator, formula_guard=guard)))
        expected = [[shown(a), str(n), shown(b)] for n, (a, b) in enumerate(pairs, 1)]
        assert read(data, separator) == [["A", "N", "B"], *expected]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            *[
                st.text(
                    alphabet=st.one_of(
                        st.sampled_from("=' \"\n\r\x1f§;,"), st.characters(codec="utf-8", exclude_characters="\0")
                    )
                )
            ]
            * 2
        ),
        max_size=6,
    ),
    st.sampled_from(SEPARATORS),
)
def test_the_database_writes_what_python_would_write(db: None, pairs: list[tuple[str, str]], separator: str) -> None:
    dialect = Dialect(separator=separator)
    expected = dialect.head(["A", "N", "B"]) + b"".join(dialect.row((a, n, b)) for n, (a, b) in enumerate(pairs, 1))
    # Every field is quoted by both, numbers too: the bytes are equal.
    assert b"".join(stream(stored(pairs), dialect)) == expected


@committed
def test_a_mark_and_compression_are_added_where_asked(world: World) -> None:
    table = customer_table(world.actor(world.olga))
    plain = b"".join(stream(table, Dialect()))
    assert b"".join(stream(table, Dialect(bom=True))) == b"\xef\xbb\xbf" + plain
    assert gzip.decompress(b"".join(stream(table, Dialect(compress=True)))) == plain


@committed
def test_the_headings_come_before_the_database_has_read_anything(world: World) -> None:
    rows = Customer.objects.extra(where=["(SELECT pg_sleep(20)) IS NOT NULL"])
    blocks = stream(Table(rows, [Column("Customer", "name")]), Dialect())
    begun = time.monotonic()
    assert next(blocks) == b'"Customer"\r\n'
    assert time.monotonic() - begun < 2
    blocks.close()


def test_a_reader_who_goes_away_ends_the_query(db: None) -> None:
    blocks = stream(MANY, Dialect())
    next(blocks)
    next(blocks)
    assert _running() == 1
    begun = time.monotonic()
    blocks.close()
    assert time.monotonic() - begun < 2
    until = time.monotonic() + 2
    while _running() and time.monotonic() < until:
        time.sleep(0.02)
    assert _running() == 0


def _running() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%%' AND state <> 'idle'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_blocks_are_coalesced_and_none_is_large(db: None) -> None:
    blocks = stream(MANY, Dialect())
    sizes = [len(next(blocks)) for _ in range(20)][1:]
    blocks.close()
    assert all(BLOCK <= size < BLOCK + 200 for size in sizes)


def test_a_query_that_fails_on_the_way_does_not_look_complete(db: None) -> None:
    failing = Literal("SELECT (10 / (5000 - g))::text FROM generate_series(1, %s) g", 6_000)
    with pytest.raises(psycopg.errors.DivisionByZero):
        list(stream(Table(failing, [Column("X", "x")]), Dialect()))


def taken() -> list[tuple[str, dict[str, Any]]]:
    return [(event.name, event.after) for event in Event.objects.filter(name__startswith="EXPORT_").order_by("id")]


@committed
def test_one_event_says_who_took_how_many_rows(world: World) -> None:
    world.customers(4)
    made = download(world.actor(world.olga), MENU["export-all-customers"], raw={"separator": ";"}, now=NOW)
    assert taken() == []
    b"".join(made.blocks)
    assert taken() == [("EXPORT_CUSTOMERS", {"rows": 5, "separator": ";", "complete": True})]
    event = Event.objects.get(name="EXPORT_CUSTOMERS")
    assert (event.actor_name, event.subject, event.partner_id) == (world.olga.email, made.name, None)


@committed
def test_an_export_that_is_cut_says_so(world: World) -> None:
    world.customers(4)
    made = download(world.actor(world.olga), MENU["export-all-customers"], raw={}, now=NOW)
    next(made.blocks)
    made.blocks.close()  # type: ignore[attr-defined]
    assert taken() == [("EXPORT_CUSTOMERS", {"rows": 0, "separator": ",", "complete": False})]


@committed
def test_a_user_who_is_disabled_while_he_downloads_gets_no_further(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("bailiwick.engine.exports.export.SECONDS_BETWEEN_CHECKS", 0)
    made = download(world.actor(world.olga), MENU["export-all-customers"], raw={}, now=NOW)
    next(made.blocks)
    User.objects.filter(pk=world.olga.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        list(made.blocks)
    assert taken() == [("EXPORT_CUSTOMERS", {"rows": 0, "separator": ",", "complete": False})]


@committed
def test_the_number_of_statements_does_not_grow_with_the_rows(world: World, django_assert_max_num_queries: Any) -> None:
    world.customers(300)
    assert CustomerDetail.objects.count() == 301
    with django_assert_max_num_queries(2):
        b"".join(stream(customer_table(world.actor(world.olga)), Dialect()))
    assert len(COLUMNS) == 32
