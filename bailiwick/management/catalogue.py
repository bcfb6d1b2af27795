"""The documents that are made from the code: the catalogue of actions and the OpenAPI documents."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest  # noqa: TID251 -- the document is asked for as a script would
from django.urls import resolve

from bailiwick.access.permissions import ROLE_LABELS, ROLES
from bailiwick.actions import MENU
from bailiwick.engine.action import Change, Reach
from bailiwick.engine.forms.schema import params_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bailiwick.engine.action import Action

HEAD = """# Actions

Made by `make docs` from the actions themselves; a test compares this page with them.
Every action works on the page, over REST (`POST /api/v1/actions/SLUG`) and in the shell (`bailiwick act SLUG --help`).
"""
REACH = {Reach.NONE: "no selection", Reach.ONE: "one customer", Reach.MANY: "any number of customers"}


def documents() -> dict[str, str]:
    """What `make docs` writes, by the name of the file below docs/."""
    doors = {"openapi.json": openapi(), "openapi-devices.json": openapi_for_devices()}
    shown = {name: json.dumps(found, indent=1, ensure_ascii=False) + "\n" for name, found in doors.items()}
    return {"actions.md": _actions_page(), **shown}


def openapi() -> Any:
    """The OpenAPI document."""
    # Behind the sign-in, which would have nobody to ask here.
    inside: Any = inspect.unwrap(resolve("/api/v1/openapi.json").func)
    return json.loads(inside(HttpRequest()).content)


def openapi_for_devices() -> Any:
    """The OpenAPI document of door 4."""
    return json.loads(resolve("/device/v1/openapi.json", urlconf="bailiwick.device.urls").func(HttpRequest()).content)


def _actions_page() -> str:
    sections = (_section(action, params_schema(action.Params)) for action in MENU.values())
    return HEAD + "".join(f"\n{section}" for section in sections)


def _section(action: Action, schema: Mapping[str, Any]) -> str:
    facts = [
        f"`{action.slug}`",
        REACH[action.reach],
        f"permission `{action.permission}`",
        f"event `{action.event}`",
        _undo(action),
    ]
    lines = [f"## {action.label}", "", action.help, "", " · ".join(fact for fact in facts if fact), "", _roles(action)]
    return "\n".join([*lines, *_fields(schema)]) + "\n"


def _undo(action: Action) -> str:
    if not isinstance(action, Change):
        return ""
    if action.inverse:
        return f"undone by `{action.inverse}`"
    return "can be undone" if action.undoable else ""


def _roles(action: Action) -> str:
    able = [role for roles in ROLES.values() for role, granted in roles.items() if action.permission in granted]
    return f"Roles: {', '.join(str(ROLE_LABELS[role]) for role in able)}."


def _fields(schema: Mapping[str, Any]) -> list[str]:
    if not schema["properties"]:
        return []
    required = schema.get("required", ())
    rows = [_row(name, field, required=name in required) for name, field in schema["properties"].items()]
    return ["", "| Field | Meaning | Type |", "| --- | --- | --- |", *rows]


def _row(name: str, field: Mapping[str, Any], *, required: bool) -> str:
    words = ". ".join(str(field[key]).rstrip(".") for key in ("title", "description") if field.get(key))
    words = words.replace("|", "\\|")
    values = ", ".join(f"`{json.dumps(value)}`" for value in field.get("enum", ())) or _kind(field)
    return f"| `{name}`{' (required)' if required else ''} | {words} | {values} |"


def _kind(field: Mapping[str, Any]) -> str:
    kind = field.get("type", "any JSON")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
