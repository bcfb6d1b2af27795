"""The shapes of users over REST: what is answered, and what may be written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ninja import Schema

from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.forms.schema import params_schema


class UserOut(Schema):
    """A user; never a password or its hash."""

    id: int
    logical_id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str
    mobile: str
    level: str
    role: str
    role_name: str
    partner_id: int | None
    customer_id: int | None
    is_active: bool
    is_invited: bool
    last_login: datetime | None


class UserPage(Schema):
    """In the order of ids."""

    data: list[UserOut]
    next: str | None


TEXT: dict[str, object] = {"type": "string"}
ID: dict[str, object] = {"type": "integer", "minimum": 1}


def body_of(properties: Mapping[str, Mapping[str, object]], *required: str) -> dict[str, object]:
    """A body of these fields and no others, as the document shows it."""
    schema = {
        "type": "object", "additionalProperties": False, "required": list(required), "properties": properties,
    }  # fmt: skip
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


INVITE = body_of(
    {
        "email": {"type": "string", "format": "email"},
        "role": {"type": "string", "description": "A role of the home, or custom: and the number of one."},
        **dict.fromkeys(("first_name", "last_name", "phone", "mobile"), TEXT),
        "partner": ID,
        "customer": ID,
    },
    "email",
    "role",
)
PATCH = body_of({"role": TEXT, "is_active": {"type": "boolean"}})


def form_body(form_class: type[ActionForm], *, is_partial: bool = False) -> dict[str, object]:
    """What a form takes, as the document shows a body."""
    schema = params_schema(form_class) | ({"required": []} if is_partial else {})
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
