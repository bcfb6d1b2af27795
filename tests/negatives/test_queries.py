"""What a request says is compared, and what it names is looked up: neither becomes a part of SQL (N-02)."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bailiwick
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.criteria import COLUMNS, OPERATORS
from bailiwick.engine.listing.filters import FIELDS, matching
from bailiwick.models import Customer
from bailiwick.models.text import name_key, search_text
from tests.api.client import Script
from tests.architecture import modules
from tests.web.conftest import signed_in
from tests.world import World

PARTS = ("'", '"', "' OR 1=1 --", "'; SELECT pg_sleep(9); --", "$$", "$tag$", "{", "}", "{0}", "{inner}", "{{7*7}}",
         "%", "%s", "%(ids)s", "%%", "/*", "*/", "--", "\\", "' || '", "1) OR (1=1", ";", "`", "E'\\x27'", "_", "a",
         "union select null", "${x}", "::text", "?", ":1")  # fmt: skip
# Names by which Django's own query language, or a join, could be reached.
NAMES = ("name__regex", "name__startswith", "partner__users__password__startswith", "_connector", "_negated", "pk__in",
         "users__password", "name.regex", "name.is'--", "detail__city.is", "id", "pk", "deleted_at", 'name".is',
         "customer_id); --", "name.contains.x", "**", "{inner}", "%s", "stat__edges.is")  # fmt: skip
PLANTED = [*PARTS, "Plain Ltd", "Plain's", "100 %", "a_b", "A{0}B"]
TEXTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("".join)
WORDS = [f"{name}.{sign}" for name, column in COLUMNS.items() for sign, each in OPERATORS.items()
         if column.kind in each.kinds and column.kind in ("key", "text") and each.lookup != "null"]  # fmt: skip


@pytest.fixture
def planted(world: World) -> World:
    """Customers whose names are the attacks: what means itself finds them."""
    names = sorted({name_key(text): text for text in PLANTED}.values())
    world.customers(len(names), names=names)
    return world


def keys(**values: object) -> set[str]:
    return set(Customer.objects.filter(**values).values_list("name_key", flat=True))


def test_n02_a_search_finds_what_holds_its_letters_and_nothing_else(planted: World):
    olga, everything = planted.actor(planted.olga), keys()
    texts = dict(Customer.objects.values_list("name_key", "search__text"))

    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(TEXTS)
    def ask(text: str) -> None:
        wanted = name_key(text)
        if not wanted:
            return
        assert found(olga, {"name.contains": text}) == {key for key in everything if wanted in key}
        assert found(olga, {"name.is": text}) == everything & {wanted}
        assert found(olga, {"name.notStartsWith": text}) == {key for key in everything if not key.startswith(wanted)}
        if len(search_text(text)) > 2:
            assert found(olga, {"search": text}) == {key for key, held in texts.items() if wanted in held}

    ask()


def found(actor, raw: dict[str, str]) -> set[str]:
    return set(matching(actor, raw).values_list("name_key", flat=True))


def test_n02_every_filter_answers_with_its_meaning_or_refuses(planted: World):
    olga, count, refused = planted.actor(planted.olga), Customer.objects.count(), 0
    for name in [*FIELDS, *(f"{column}.{sign}" for column in COLUMNS for sign in OPERATORS)]:
        for text in ("' OR 1=1 --", "{inner}", "%s", "1) OR (1=1", "$$x$$"):
            try:
                rows = found(olga, {name: text})
            except InvalidParams as refusal:
                assert refusal.status == 422
                refused += 1
            else:
                assert name in WORDS or name == "search", (name, text)
                assert len(rows) < count or ".not" in name or name.endswith(".isNot")
    assert refused > 500


@pytest.mark.parametrize("name", NAMES)
def test_n02_a_name_that_is_none_of_ours_is_refused_at_every_door(planted: World, name: str):
    script, browser = Script(planted.olga), signed_in(planted.olga, raise_request_exception=False)
    assert script.get(f"/customers?{urlencode({name: 'x'})}").status_code == 422
    for path in ("/actions/update-customer-alerts/preview", "/actions/delete-customer"):
        body = {"select": {"matching": {name: "x"}}, "params": {"enabled": False}, "confirm": 1}
        assert script.post(path, body).status_code == 422
    posted = {"select": json.dumps({"matching": {name: "x"}}), "params": '{"enabled": "false"}'}
    assert browser.post("/actions/update-customer-alerts", posted).status_code in (422, 409)
    assert not Customer.objects.exclude(deleted_at=None).exists()
    assert browser.get(f"/customers?{urlencode({name: 'x'})}").status_code < 500


@pytest.mark.parametrize("name", ["sort", "limit", "after", "page", "fields", "order"])
@pytest.mark.parametrize("text", ["name; --", "-name'", "{0}", "%s", "name,(SELECT 1)", "-pk", "?", "password"])
def test_n02_sort_and_page_are_chosen_from_a_list(planted: World, name: str, text: str):
    script, browser = Script(planted.olga), signed_in(planted.olga, raise_request_exception=False)
    assert script.get(f"/customers?{urlencode({name: text})}").status_code == 422
    assert browser.get(f"/customers?{urlencode({name: text})}").status_code < 500
    for path in ("/jobs", "/events", "/users", "/partners", "/mailbox", "/customers/deleted"):
        assert browser.get(f"{path}?{urlencode({name: text})}").status_code < 500


SPEAKS = {"execute", "executemany", "raw", "extra", "RawSQL"}
TAKES_NAMES = {"filter", "exclude", "annotate", "alias", "aggregate", "order_by", "values", "values_list", "Q", "get"}
DOORS = ("web/", "api/", "vco/", "device/")


def speaks(tree: ast.Module) -> list[str]:
    """SQL that is made of anything, and names that a request could choose, in a door."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (called := getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
        and (
            (called in SPEAKS and not isinstance(node.args[0], ast.Constant | ast.Name))
            or (called in TAKES_NAMES and any(word.arg is None for word in node.keywords))
        )
    ]


def test_n02_no_door_makes_sql_or_takes_names_from_a_request():
    source = Path(bailiwick.__file__).parent
    assert {name: said for name, tree in modules(source) if name.startswith(DOORS) and (said := speaks(tree))} == {}


@pytest.mark.parametrize(
    "line",
    ["c.execute(f'SELECT {x}')", "c.execute('SELECT %s' % x)", "rows.extra(where=[x])" and "rows.extra([x])",
     "rows.filter(**request.GET.dict())", "rows.order_by(**given)", "Q(**raw)", "RawSQL('a' + b, ())"],
)  # fmt: skip
def test_n02_planted_sql_is_found(line: str):
    assert speaks(ast.parse(line))
