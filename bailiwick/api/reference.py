"""The OpenAPI document as a page to read: the same addresses, bodies and answers, in the portal's frame."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bailiwick.api.door import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest, HttpResponse

    Schema = Mapping[str, Any]

SHAPES = "#/components/schemas/"
DEEPEST = 3


class Field(NamedTuple):
    """One value that is sent or answered; `shape` names the one that it has, `where` says how it is sent."""

    name: str
    kind: str
    shape: str
    about: SafeString
    is_required: bool
    where: str = ""


class Operation(NamedTuple):
    """One method of one address."""

    anchor: str
    method: str
    path: str
    title: str
    about: SafeString
    parameters: list[Field]
    body: list[Field]
    answers: list[tuple[str, SafeString, str]]


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Shows it to whoever is signed in."""
    return render(request, "reference/page.html", _content(get_language()))


@cache
def _content(_language: str) -> dict[str, Any]:
    made = document()
    parts: dict[str, list[Operation]] = {}
    for path, methods in sorted(made["paths"].items()):
        for method, operation in methods.items():
            part = next(iter(operation.get("tags", ())), _("Files"))
            parts.setdefault(part, []).append(_operation(path, method, operation))
    shapes = sorted(made["components"]["schemas"].items())
    return {
        "about": _prose(made["info"]["description"]),
        "parts": list(parts.items()),
        "shapes": [(name, _prose(shape.get("description", "")), list(_fields(shape))) for name, shape in shapes],
    }


def _operation(path: str, method: str, found: Mapping[str, Any]) -> Operation:
    contents = found.get("requestBody", {}).get("content", {})
    answers = found["responses"].items()
    return Operation(
        anchor=found["operationId"],
        method=method.upper(),
        path=path,
        title=found["summary"],
        about=_prose(found.get("description", "")),
        parameters=[_parameter(each) for each in found.get("parameters", ())],
        body=[field for content in list(contents.values())[:1] for field in _fields(content.get("schema", {}))],
        answers=[(status, _prose(each.get("description", "")), _answered(each)) for status, each in answers],
    )


def _parameter(given: Mapping[str, Any]) -> Field:
    schema = given.get("schema", {})
    about = _prose(given.get("description", ""))
    return Field(given["name"], _kind(schema), _shape(schema), about, bool(given.get("required")), given["in"])


def _answered(answer: Mapping[str, Any]) -> str:
    for content in answer.get("content", {}).values():
        return _shape(content.get("schema", {}))
    return ""


def _fields(schema: Schema, *, before: str = "", depth: int = 1) -> Iterator[Field]:
    """The values of an object, those of an object within it behind a dot."""
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        about = _prose(each.get("description", ""))
        yield Field(before + name, _kind(each), _shape(each), about, name in required)
        if depth < DEEPEST:
            yield from _fields(each, before=f"{before}{name}.", depth=depth + 1)


def _prose(text: str) -> SafeString:
    """Words between backticks as code."""
    parts = [f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(escape(text).split("`"))]
    return mark_safe("".join(parts))  # noqa: S308 -- escaped above


def _kind(schema: Schema) -> str:
    """What a value is, in words."""
    if "enum" in schema:
        return _("one of %(choices)s") % {"choices": ", ".join(str(choice) for choice in schema["enum"])}
    if "anyOf" in schema:
        return _(" or ").join(filter(None, (_kind(each) for each in schema["anyOf"])))
    if schema.get("type") == "array":
        return _("list of %(kind)s") % {"kind": _kind(schema.get("items", {})) or _shape(schema.get("items", {}))}
    kind = schema.get("type", "")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words


def _shape(schema: Schema) -> str:
    """The name of the shape that a value, or each of a list, has."""
    inner = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    named = (each["$ref"].removeprefix(SHAPES) for each in inner if isinstance(each, dict) and "$ref" in each)
    return next(named, "")
