"""The flags of an action, made from its form."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from django import forms

from bailiwick.engine.action import Create, Export, Reach
from bailiwick.engine.forms.form import ROWS, SEVERAL, InvalidParams
from bailiwick.engine.forms.schema import SPELLINGS
from bailiwick.engine.intake.upload import UploadField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action

FIELD = "field_"


def parser_of(action: Action, actor: Actor) -> argparse.ArgumentParser:
    """The command line of one action; `--help` is its docstring and the help of its fields."""
    parser = argparse.ArgumentParser(
        prog=f"bailiwick act {action.slug}", description=f"{action.label}: {action.help}", allow_abbrev=False
    )
    if action.reach is not Reach.NONE:
        _add_selection(parser, required=not isinstance(action, Create))
    if isinstance(action, Export):
        parser.add_argument("--output", metavar="FILE", help="Where the file goes; standard output if left out.")
    _add_manner(parser, destroys=action.destroys)
    fields = parser.add_argument_group("fields")
    for name, field in action.Params(actor=actor).fields.items():
        fields.add_argument(
            f"--{name.replace('_', '-')}", dest=FIELD + name, metavar=_metavar(field), help=_help(field)
        )
    return parser


def _add_selection(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """An action that makes a customer from another one has a field for it, too."""
    group = parser.add_argument_group("which customers (one of them)")
    which = group.add_mutually_exclusive_group(required=required)
    which.add_argument("--ids", help="Ids, separated by commas.")
    which.add_argument("--search", help="All that match a search of the list.")
    which.add_argument("--matching", metavar="JSON", help='All that match filters of the list: {"state": "down"}.')
    which.add_argument("--ticket", help="A selection that was frozen before.")
    which.add_argument("--all", action="store_true", help="All customers.")


def _add_manner(parser: argparse.ArgumentParser, *, destroys: bool) -> None:
    manner = parser.add_argument_group("how")
    manner.add_argument("--preview", action="store_true", help="Only say what would happen.")
    manner.add_argument("--json", action="store_true", help="Print JSON.")
    manner.add_argument("--key", help="An idempotency key: the same one again does nothing twice.")
    manner.add_argument(
        "--as", dest="email", metavar="EMAIL", help="Who acts; needed where there is no single superuser."
    )
    words = "Do not ask before it destroys." if destroys else "Accepted everywhere: nothing is asked here."
    manner.add_argument("--yes", action="store_true", help=words)


def _metavar(field: forms.Field) -> str:
    if isinstance(field, forms.ModelChoiceField) and not isinstance(field, SEVERAL):
        return "NAME"
    if isinstance(field, forms.ChoiceField) and not isinstance(field, SEVERAL):
        values = [str(value) for value, _label in field.choices if value != ""]  # type: ignore[union-attr, misc]
        return "{" + ",".join(values) + "}" if len(values) <= 6 else "VALUE"  # noqa: PLR2004 -- fits the line
    if isinstance(field, UploadField):
        return "FILE"
    kinds = {forms.BooleanField: "{true,false}", forms.JSONField: "JSON", forms.IntegerField: "N"}
    return kinds.get(type(field), "A,B" if isinstance(field, SEVERAL) else "VALUE")


def _help(field: forms.Field) -> str:
    spelt = str(SPELLINGS) if isinstance(field, ROWS) else ""
    words = [f"{field.label or ''}.", str(field.help_text), spelt, "" if field.required else "(optional)"]
    return " ".join(word for word in words if word).replace("%", "%%")


def select_of(options: argparse.Namespace) -> object:
    """The selection that the flags name. Raises InvalidParams."""
    if not hasattr(options, "ids"):
        return None
    if options.ids is not None:
        return {"ids": _ids(options.ids)}
    if options.ticket is not None:
        return {"ticket": options.ticket}
    if options.search is not None:
        return {"matching": {"search": options.search}}
    if options.matching is not None:
        return {"matching": _json("matching", options.matching)}
    return {"matching": {}} if options.all else None


def raw_of(options: argparse.Namespace, fields: Mapping[str, forms.Field]) -> dict[str, Any]:
    """The raw values that JSON would carry; fields that were not given are left out."""
    given = {name: getattr(options, FIELD + name) for name in fields}
    return {name: _value(name, fields[name], text) for name, text in given.items() if text is not None}


def _value(name: str, field: forms.Field, text: str) -> Any:
    if isinstance(field, SEVERAL):
        return [part.strip() for part in text.split(",") if part.strip()]
    return _json(name, text) if isinstance(field, forms.JSONField) else text


def _ids(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdecimal() for part in parts):
        raise InvalidParams.one("ids", "wrong_type", "Give whole numbers, separated by commas.")
    return [int(part) for part in parts]


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidParams.one(name, "malformed_json", "This is not JSON.") from None
