"""What an object of each kind may say: a published JSON Schema a kind, which also tells what refers to what."""

from __future__ import annotations

import json
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
from django.utils.translation import gettext as _

from bailiwick.engine.configuration.kinds import EDGE_SETTINGS, MODULES
from bailiwick.engine.forms.form import UNSTORABLE, is_unstorable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parent / "schemas"
LARGEST = 256 * 1024  # letters of JSON
DEEPEST = 12
MOST_ERRORS = 100
LONGEST_FAULT = 300
REFERS = "x-refers-to"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
IP = "ip-address"


class Fault(NamedTuple):
    """What is wrong, and where: a JSON Pointer (RFC 6901)."""

    path: str
    code: str
    because: str


class Reference(NamedTuple):
    """One place where an object names another, of this kind."""

    path: str
    kind: str
    to: Any


@cache
def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of the kind; an edge's settings say a part of what each module may say."""
    if kind == EDGE_SETTINGS:
        parts = {module: _partly(schema_of(module)) for module in MODULES}
        return {"$schema": DIALECT, "title": kind, "type": "object", "additionalProperties": False, "properties": parts}
    found: dict[str, Any] = json.loads((FOLDER / f"{kind}.json").read_text())
    return found


def _partly(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same with nothing that has to be there, as far as objects are merged: lists are replaced whole."""
    found = {name: value for name, value in schema.items() if name not in ("$schema", "required")}
    if "properties" in found:
        found["properties"] = {name: _partly(inner) for name, inner in found["properties"].items()}
    return found


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema_of(kind), validate_formats=True, formats={IP: _is_address})


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _in_words(error: jsonschema_rs.ValidationError) -> str:
    """The checker's words, but where ours are clearer; it repeats what was given, which may be long."""
    if f'"{IP}"' in error.message:
        return _("This is no IP address.")
    said = error.message
    return said if len(said) <= LONGEST_FAULT else f"{said[: LONGEST_FAULT // 2]} … {said[-LONGEST_FAULT // 2 :]}"


def faults(kind: str, body: Any) -> list[Fault]:
    """Everything that is wrong with a body, in the order in which the checker meets it."""
    if _depth(body) > DEEPEST:
        return [Fault("", "too_deep", _("This is nested more than %(n)d levels deep.") % {"n": DEEPEST})]
    if any(is_unstorable(text) for text in _texts(body)):
        return [Fault("", "forbidden_character", str(UNSTORABLE))]
    if len(json.dumps(body)) > LARGEST:
        return [Fault("", "too_large", _("This has more than %(n)d letters.") % {"n": LARGEST})]
    found = [
        Fault(pointer(each.instance_path), "schema", _in_words(each)) for each in _validator(kind).iter_errors(body)
    ]
    return found[:MOST_ERRORS]


def references(kind: str, body: Any) -> list[Reference]:
    """Whom a valid body names, by the schema."""
    return list(_named(schema_of(kind), body, ""))


def _named(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[Reference]:
    if REFERS in schema:
        yield Reference(path, schema[REFERS], value)
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        for name, inner in value.items():
            yield from _named(properties.get(name, {}), inner, f"{path}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _named(schema.get("items", {}), inner, f"{path}/{index}")


def pointer(parts: Any) -> str:
    """A path as a JSON Pointer."""
    return "".join(f"/{_escaped(str(part))}" for part in parts)


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _depth(value: Any, level: int = 0) -> int:
    """How deep it is nested; looks no deeper than is needed to refuse it."""
    if level > DEEPEST or not isinstance(value, dict | list) or not value:
        return level
    return max(_depth(inner, level + 1) for inner in (value.values() if isinstance(value, dict) else value))


def _texts(value: Any) -> Iterator[str]:
    """All that is written in it, the names of its members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in (*value.keys(), *value.values()) if isinstance(value, dict) else value:
            yield from _texts(inner)
