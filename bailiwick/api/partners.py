"""Partners over REST: the list, one partner, making, changing and deleting one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from bailiwick.access.opening import open_partner
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import offers_for, partners_for
from bailiwick.access.wall import Beyond, beyond
from bailiwick.api.body import params_of, read_body
from bailiwick.api.caller import Call
from bailiwick.api.freshness import if_match, precondition, tagged
from bailiwick.api.paging import After, Limit, page_of, require_known
from bailiwick.api.problems import Problem, not_found
from bailiwick.api.record_shapes import OfferOut, OfferPage, PartnerDetailOut, PartnerOut, PartnerPage, VerdictOut
from bailiwick.api.user_shapes import body_of
from bailiwick.engine import partner_profiles, partner_removal, partners
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.forms.schema import params_schema
from bailiwick.engine.listing.partners import MOST, OWN_WORDS, chosen, counted, found
from bailiwick.engine.partner_profiles import AddProfilesForm

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.listing.partners import PartnerRow
    from bailiwick.models import Partner, TransferOffer

router = Router(tags=["Partners"])
SELECT: dict[str, object] = {
    "description": "Which partners: ids, or all whose name holds a text. Exactly one of them.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
    "properties": {
        "ids": {"type": "array", "maxItems": MOST, "items": {"type": "integer", "minimum": 1}},
        "matching": {"type": "object", "properties": {"search": {"type": "string"}}},
    },
}
ADD_PROFILES = body_of({"select": SELECT, "params": params_schema(AddProfilesForm)}, "select", "params")
OFFER = tuple(OfferOut.model_fields)
SHORT, WHOLE = tuple(PartnerOut.model_fields), tuple(PartnerDetailOut.model_fields)


@router.get("/partners", response=PartnerPage)
def listing(
    request: Call,
    search: Annotated[str, Query(max_length=255, description="A part of the name.")] = "",
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """The partners that you may see."""
    require_known(request, "search")
    rows, further = page_of(found(request.auth, search), limit=limit, after=after)
    shown = [_told(row) for row in counted(request.auth, rows)]
    return {"data": shown, "next": further}


@router.get("/partners/{int:partner_id}", response=PartnerDetailOut)
def one(request: Call, partner_id: int, response: HttpResponse) -> Any:
    """One partner, unless it withdrew operator access: 403. Its ETag is for If-Match of PATCH."""
    return _answer(request.auth, open_partner(request.auth, _known(partner_id)), response)


@router.post("/partners", response={201: PartnerDetailOut})
def create(request: Call, response: HttpResponse) -> Any:
    """Makes a partner. With `admin_email` its first administrator is invited."""
    made = partners.create(request.auth, read_body(request), now=timezone.now())
    response["Location"] = f"/api/v1/partners/{made.pk}"
    return Status(201, _answer(request.auth, made, response))


@router.patch("/partners/{int:partner_id}", response=PartnerDetailOut)
def change(request: Call, partner_id: int, response: HttpResponse) -> Any:
    """Changes the given settings. With If-Match, a partner that somebody changed since is left alone: 412."""
    raw = read_body(request)
    version = if_match(request)
    raw |= {"version": version} if version else {}
    try:
        changed = partners.update(request.auth, _known(partner_id), raw, now=timezone.now())
    except InvalidParams as error:
        raise precondition(error, header=bool(version)) from None
    return _answer(request.auth, changed, response)


@router.delete("/partners/{int:partner_id}", response={204: None})
def delete(request: Call, partner_id: int) -> Any:
    """Deletes a partner without customers; one that is still needed stays, with the reason: 409."""
    actor = request.auth
    actor.require(Permission.PARTNER_DELETE)
    if not partners_for(actor).filter(pk=_known(partner_id)).exists():
        raise not_found()
    for verdict in partner_removal.delete(actor, [partner_id], confirm=1, now=timezone.now()):
        if verdict.code:
            raise Problem(409, verdict.code, verdict.reason)
    return Status(204, None)


@router.post("/partners/add-operator-profiles", response=list[VerdictOut], openapi_extra=ADD_PROFILES)
def add_operator_profiles(request: Call) -> Any:
    """Lets the selected partners give these profiles to their customers. Says of each why it is left alone."""
    actor = request.auth
    actor.require(Permission.PARTNER_UPDATE)
    body = read_body(request, known=("select", "params"))
    ids, raw = chosen(actor, body.get("select")), params_of(body)
    verdicts = partner_profiles.add(actor, ids, raw, now=timezone.now())
    return [
        {"id": each.partner.pk, "partner": each.partner.name, "code": each.code, "reason": each.reason}
        for each in verdicts
    ]


@router.get("/transfer-offers", response=OfferPage)
def transfer_offers(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """The open offers: to you, or, for an operator, to all. Accept and decline are actions."""
    require_known(request)
    rows = offers_for(request.auth).select_related("customer", "partner")
    with beyond(Beyond.OFFER):
        found, further = page_of(rows, limit=limit, after=after)
    return {"data": [_offer(row) for row in found], "next": further}


def _offer(row: TransferOffer) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in OFFER if name not in ("customer", "partner")}
    return values | {"customer": row.customer.name, "partner": row.partner.name}


def _known(partner_id: int) -> int:
    if partner_id >= 2**63:
        raise not_found()
    return partner_id


def _answer(actor: Actor, partner: Partner, response: HttpResponse) -> dict[str, Any]:
    tagged(partner, response)
    (row,) = counted(actor, [partner])
    return partners.settings_of(partner) | _values(partner, WHOLE) | {"customers": row.customers}


def _told(row: PartnerRow) -> dict[str, Any]:
    """As the list shows it: of one that is closed to the reader nothing of its own words."""
    hidden = dict.fromkeys(OWN_WORDS & {*SHORT}, "") if row.is_closed else {}
    return _values(row.partner, SHORT) | {"customers": row.customers} | hidden


def _values(partner: Partner, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(partner, name) for name in names if hasattr(partner, name) and name != "customers"}
