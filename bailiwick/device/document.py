"""The OpenAPI document of this door, made from its table and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from bailiwick.device.answers import MEDIA_TYPE, STATUSES
from bailiwick.device.operations import OPERATIONS

if TYPE_CHECKING:
    from bailiwick.device.operations import Operation

ROOT = "/device/v1/"
REF = "#/components/schemas/{model}"
DESCRIPTION = (
    "For edges and gateways. A device asks for the authority, compares it with the pin that came with its key, "
    "activates itself, and shows its certificate from then on. Errors are problem+json with a stable `code`."
)
CODE = {"type": "string", "description": "Stable. Among others: " + ", ".join(STATUSES)}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail")},
        "status": {"type": "integer"},
        "code": CODE,
        "errors": {"type": "object", "description": "path → list of {code, message}"},
    },
}
ANY_ERROR = {"description": "A problem", "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}}

IMAGE = {
    "operationId": "image",
    "summary": "A part of the file of the ordered image, from the first byte of `Range` on: at most 1 MiB at a time.",
    "security": [{"certificate": []}],
    "parameters": [
        {"name": "sha256", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "Range", "in": "header", "schema": {"type": "string", "pattern": "^bytes=[0-9]{1,18}-[0-9]{0,18}$"}},
    ],
    "responses": {
        "206": {"description": "The part", "content": {"application/octet-stream": {}}},
        "default": ANY_ERROR,
    },
}
BUNDLE = {
    "operationId": "bundle",
    "summary": "A part of the bundle that a heartbeat asked for, at most 1 MiB, from the first byte on, one by one.",
    "security": [{"certificate": []}],
    "parameters": [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
        {"name": "Content-Range", "in": "header", "required": True,
         "schema": {"type": "string", "pattern": "^bytes [0-9]{1,12}-[0-9]{1,12}/[0-9]{1,12}$"}},
    ],
    "requestBody": {"required": True, "content": {"application/octet-stream": {}}},
    "responses": {
        "200": {"description": "How many bytes are there", "content": {"application/json": {"schema": {
            "type": "object", "required": ["received"], "properties": {"received": {"type": "integer"}}}}}},
        "default": ANY_ERROR,
    },
}  # fmt: skip


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    models = [(operation.said, "validation") for operation in OPERATIONS.values() if operation.method == "POST"]
    models += [(operation.heard, "serialization") for operation in OPERATIONS.values()]  # type: ignore[misc]
    _names, schemas = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bailiwick for devices", "version": "1", "description": DESCRIPTION},
        "paths": {
            **{f"{ROOT}{name}": {each.method.lower(): _told(name, each)} for name, each in OPERATIONS.items()},
            f"{ROOT}image/{{sha256}}": {"get": IMAGE},
            f"{ROOT}bundle/{{id}}": {"put": BUNDLE},
        },
        "components": {
            "schemas": {**schemas["$defs"], "Problem": PROBLEM},
            "securitySchemes": {"certificate": {"type": "mutualTLS"}},
        },
    }


def _told(name: str, operation: Operation) -> dict[str, Any]:
    body = {"required": True, "content": _json(operation.said.__name__)}
    return {
        "operationId": name.replace("/", "-"),
        "summary": (operation.view.__doc__ or "").strip(),
        "security": [{"certificate": []}] if operation.certificate else [],
        **({"requestBody": body} if operation.method == "POST" else {}),
        "responses": {
            "200": {"description": "OK", "content": _json(operation.heard.__name__)},
            "default": ANY_ERROR,
        },
    }


def _json(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=model)}}}
