"""Identity providers over REST: those of your own home; a secret goes in and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access.homes import permission
from bailiwick.access.scope import providers_for
from bailiwick.access.sso import providers
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, tagged
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused, stale_as_precondition
from bailiwick.api.user_shapes import form_body
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.provider_form import NewProviderForm, ProviderForm

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor

router = Router(tags=["Identity providers"])


class ProviderOut(Schema):
    """Who signs in the users of one domain, by OpenID Connect."""

    id: int
    level: str
    domain: str
    issuer: str
    client_id: str
    creates_users: bool
    default_role: str
    is_active: bool
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    created_at: datetime
    version: int


class ProviderPage(Schema):
    """In the order of ids."""

    data: list[ProviderOut]
    next: str | None


@router.get("/identity-providers", response=ProviderPage)
def listing(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """The providers of your own home."""
    require_known(request)
    _require(request.auth)
    found, further = page_of(providers_for(request.auth), limit=limit, after=after)
    return {"data": found, "next": further}


@router.get("/identity-providers/{int:provider_id}", response=ProviderOut)
def one(request: Call, provider_id: int, response: HttpResponse) -> Any:
    """One of them. Its ETag is for If-Match of PATCH."""
    _require(request.auth)
    return tagged(one_of(providers_for(request.auth), provider_id), response)


@router.post("/identity-providers", response={201: ProviderOut}, openapi_extra=form_body(NewProviderForm))
def create(request: Call, response: HttpResponse) -> Any:
    """Adds one. The portal reads the provider's own description at the issuer's address first."""
    actor = request.auth
    _require(actor)
    values = clean(NewProviderForm, {"is_active": True, **read_body(request)}, actor)
    try:
        made = providers.create(actor, providers.Draft(**values), now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/identity-providers/{made.pk}"
    return Status(201, tagged(made, response))


@router.patch(
    "/identity-providers/{int:provider_id}",
    response=ProviderOut,
    openapi_extra=form_body(ProviderForm, is_partial=True),
)
def change(request: Call, provider_id: int, response: HttpResponse) -> Any:
    """Changes what is given; without a secret the stored one stays. A stale If-Match: 412."""
    actor = request.auth
    _require(actor)
    row, version = one_of(providers_for(actor), provider_id), if_match(request)
    present = {name: getattr(row, name) for name in providers.SHOWN}
    values = clean(ProviderForm, {**present, **read_body(request)}, actor)
    try:
        draft = providers.Draft(**values)
        changed = providers.update(actor, row.pk, draft, version=version or row.version, now=timezone.now())
    except ValidationError as error:
        raise stale_as_precondition(refused(error), header=bool(version)) from None
    return tagged(changed, response)


@router.delete("/identity-providers/{int:provider_id}", response={204: None})
def delete(request: Call, provider_id: int) -> Any:
    """Removes one; whom it signed in is out, and may be invited to choose a password."""
    _require(request.auth)
    row = one_of(providers_for(request.auth), provider_id)
    providers.delete(request.auth, row.pk, now=timezone.now())
    return Status(204, None)


def _require(actor: Actor) -> None:
    actor.require(permission(actor.level, "sign-on"))
