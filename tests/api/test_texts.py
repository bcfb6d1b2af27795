"""Text torture at every text field of every action: refused beside the field or kept as it is, never a 500."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django import forms

from bailiwick.actions import MENU
from bailiwick.engine.forms.fields import LongTextField, NameField
from bailiwick.models import Customer
from tests.api.client import Script
from tests.contract import Case
from tests.world import World

FORBIDDEN = {
    "NUL": "a\0b",
    "half a character": "a\ud800b",
    "a control character": "a\x07b",
    "a C1 control": "a\x85b",
}
FORBIDDEN_IN_NAMES = {
    "a bidirectional override": "a\u202eb",
    "an isolate": "a\u2066b",
    "a zero-width space": "a\u200bb",
    "a line feed": "a\nb",
}
KEPT = (
    "😀 Ünïcödé",
    "شركة النخيل",
    "e\u0301 combining",
    "null",
    "undefined",
    "0",
    "2026-01-01",
    "<b>x</b>",
    "=1+1",
    "' OR 1=1 --",
    "{{ 7*7 }}",
)


def fields_of(case: Case, kind: type[forms.Field]) -> list[str]:
    form = case.action.Params(actor=case.actor)
    return [name for name, field in form.fields.items() if isinstance(field, kind)]


def previewer(case: Case) -> Callable[..., Any]:
    """Previews the example with other values in some fields."""
    script, select, example = Script(case.world.olga), case.select(case.rows(1)), case.params()

    def preview(**values: Any) -> Any:
        return script.post(f"/actions/{case.slug}/preview", {"select": select, "params": {**example, **values}})

    return preview


@pytest.fixture(params=[slug for slug, action in MENU.items() if action.Params.base_fields])
def case(request: pytest.FixtureRequest, world: World) -> Case:
    return Case(MENU[request.param], world)


def test_what_no_text_may_hold_is_refused_beside_its_field(case: Case) -> None:
    preview = previewer(case)
    texts = set(fields_of(case, forms.CharField))
    names = texts & set(fields_of(case, NameField)) - set(fields_of(case, LongTextField))
    for wrong, fields in ((FORBIDDEN, texts), (FORBIDDEN_IN_NAMES, names)):
        for what, text in wrong.items() if fields else ():
            answer = preview(**dict.fromkeys(fields, text))
            assert (answer.status_code, fields - answer.json()["errors"].keys()) == (422, set()), what


def test_a_value_of_the_wrong_type_is_refused_beside_its_field(case: Case) -> None:
    preview, fields = previewer(case), case.action.Params(actor=case.actor).fields
    typed = {name for name, field in fields.items() if not isinstance(field, forms.JSONField)}
    for value in ({"a": 1}, [{"a": 1}], [[1]]) if typed else ():
        answer = preview(**dict.fromkeys(typed, value))
        assert (answer.status_code, typed - answer.json()["errors"].keys()) == (422, set()), value


@pytest.mark.parametrize("text", KEPT)
def test_any_other_text_comes_back_as_it_went_in(world: World, text: str) -> None:
    olga, path = Script(world.olga), f"/customers/{world.contoso.pk}"
    kept = unicodedata.normalize("NFC", text)
    changed = olga.ask("PATCH", path, {"name": text, "contact_name": text, "description": f"{text}\nsecond line"})
    assert changed.status_code == 200, changed.content
    shown = olga.get(path).json()
    assert (shown["name"], shown["contact_name"], shown["description"]) == (kept, kept, f"{kept}\nsecond line")
    assert Customer.objects.get(pk=world.contoso.pk).name == kept


def test_lengths_are_counted_after_normalisation(world: World) -> None:
    olga, path = Script(world.olga), f"/customers/{world.contoso.pk}"
    assert olga.ask("PATCH", path, {"name": "e\u0301" * 255}).status_code == 200
    too_long = olga.ask("PATCH", path, {"name": "é" * 256})
    assert (too_long.status_code, too_long.json()["errors"]["name"][0]["code"]) == (422, "max_length")


def test_names_that_look_alike_to_people_are_one_name(world: World) -> None:
    other = world.customer("Fabrikam")
    answer = Script(world.olga).ask("PATCH", f"/customers/{other.pk}", {"name": "ＣＯＮＴＯＳＯ"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
