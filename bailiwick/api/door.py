"""The door itself: one django-ninja application, its OpenAPI document, and nothing that names an action."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import NinjaAPI

from bailiwick.actions import MENU
from bailiwick.api import (
    actions,
    configuration,
    contacts,
    customers,
    deleted_customers,
    diagnostic_bundles,
    edge_configuration,
    edges,
    events,
    files_document,
    gateway_pools,
    gateways,
    jobs,
    licences,
    operator_profiles,
    partners,
    properties,
    providers,
    roles,
    rollouts,
    selections,
    self_tests,
    software_images,
    users,
)
from bailiwick.api.caller import actor_of, signed_in
from bailiwick.api.files import multipart
from bailiwick.api.problems import MEDIA_TYPE
from bailiwick.engine.action import Change
from bailiwick.engine.forms.partner_form import NewPartnerForm, PartnerForm
from bailiwick.engine.forms.schema import params_schema

if TYPE_CHECKING:
    from bailiwick.engine.action import Action

ROOT = "/api/v1/"
DESCRIPTION = (
    "Everything the portal does, for scripts. Send `Authorization: Token bw_…`. "
    "Errors are problem+json with a stable `code`. A customer that is not yours does not exist: 404."
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable: scripts may rely on it."},
        "detail": {"type": "string"},
        "errors": {"type": "object", "description": "field → list of {code, message}"},
    },
}
ANY_ERROR = {"description": "A problem", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
ADDRESSES = {"type": "object", "additionalProperties": {"type": "string"}}
INDEX = {
    "operationId": "index",
    "summary": "The documents and the collections that there are.",
    "tags": ["Index"],
    "parameters": [],
    "responses": {
        200: {
            "description": "OK",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["documents", "collections"],
                        "properties": {"documents": ADDRESSES, "collections": ADDRESSES},
                    }
                }
            },
        }
    },
}
SELECT = {
    "description": "Which customers: ids, all that match a filter, or a frozen selection. Exactly one of them.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "ids": {"type": "array", "maxItems": 100_000, "items": {"type": "integer", "minimum": 1}},
        "matching": {"type": "object"},
        "ticket": {"type": "string", "format": "uuid"},
    },
}


PAGE = {"page": {"type": "integer", "minimum": 1, "description": "Which page of the plan; 1 if left out."}}


class Door(NinjaAPI):
    """Leaves every exception to problems.py."""

    def set_default_exception_handlers(self) -> None:
        """None here."""


api = Door(
    title="Bailiwick",
    version="1",
    description=DESCRIPTION,
    auth=actor_of,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
PARTS = (
    *(
        actions,
        jobs,
        customers,
        deleted_customers,
        configuration,
        contacts,
        partners,
        operator_profiles,
        software_images,
        rollouts,
        selections,
        events,
        gateways,
        gateway_pools,
        edges,
        diagnostic_bundles,
        edge_configuration,
        properties,
    ),
    *(users, roles, providers, self_tests, licences),
)
for part in PARTS:
    api.add_router("", part.router)


@signed_in
def openapi(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return HttpResponse(_written(get_language()), content_type="application/json")


@cache
def _written(_language: str) -> bytes:
    """Its words are of a language, and nothing else in it changes while the portal runs: making it takes long."""
    return json.dumps(document()).encode()


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document: django-ninja's, with the menu's actions written out from their forms."""
    made: dict[str, Any] = api.get_openapi_schema(path_prefix=ROOT)
    paths = made["paths"]
    generic = paths.pop("/api/v1/actions/{slug}/preview")["post"], paths.pop("/api/v1/actions/{slug}")["post"]
    for action in MENU.values():
        for operation, end in zip(generic, ("/preview", ""), strict=True):
            more = PAGE if end and isinstance(action, Change) and action.tells_each else {}
            paths[f"/api/v1/actions/{action.slug}{end}"] = {"post": _operation(operation, action, more)}
    paths["/api/v1/partners"]["post"]["requestBody"] = _body(params_schema(NewPartnerForm))
    paths["/api/v1/partners/{partner_id}"]["patch"]["requestBody"] = _body(
        params_schema(PartnerForm) | {"required": []}
    )
    paths |= files_document.paths() | {ROOT: {"get": INDEX}}
    for path in paths.values():
        for operation in path.values():
            operation["responses"]["default"] = ANY_ERROR
    made["components"]["schemas"]["Problem"] = PROBLEM
    made["components"]["securitySchemes"] = {"token": {"type": "apiKey", "in": "header", "name": "Authorization"}}
    made["security"] = [{"token": []}]
    return dict(made)


def _operation(generic: dict[str, Any], action: Action, more: dict[str, Any]) -> dict[str, Any]:
    body = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "select": SELECT,
            "params": params_schema(action.Params),
            "confirm": {"type": "integer", "description": "The number of selected customers."},
            **more,
        },
    }
    return {
        **generic,
        "operationId": f"{generic['operationId']}_{action.slug.replace('-', '_')}",
        "summary": str(action.label),
        "description": f"{action.help}\n\n{generic['description']}",
        "parameters": [],
        "requestBody": {"content": {"application/json": {"schema": body}} | multipart(action, body)},
        "responses": dict(generic["responses"]),
    }


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
