"""The identity providers of a home: what its superuser enters, and which one vouches for an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bailiwick import audit, seal
from bailiwick.access.actor import NotAllowed
from bailiwick.access.homes import permission
from bailiwick.access.permissions import ROLES, permissions_of
from bailiwick.access.scope import living_providers, providers_for
from bailiwick.access.sso import back_channel
from bailiwick.access.sso.discovery import Endpoints, discover
from bailiwick.access.sso.journey import owner_of
from bailiwick.access.stale import stale
from bailiwick.access.wall import Beyond, beyond
from bailiwick.models import Customer, IdentityProvider, Partner, User
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.access.actor import Actor

SHOWN = ("issuer", "client_id", "creates_users", "default_role", "is_active")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form says; an empty secret keeps the stored one."""

    issuer: str
    client_id: str
    client_secret: str
    domain: str = ""
    creates_users: bool = False
    default_role: str = ""
    is_active: bool = True


def provider_of(email: str) -> IdentityProvider | None:
    """Who vouches for the address, by its domain alone: whether there is such a user is not looked at."""
    domain = email_key(email).rpartition("@")[2]
    return living_providers().filter(domain=domain).first() if domain else None


def living_provider(provider_id: int) -> IdentityProvider | None:
    """The provider of a journey that began, if it still vouches."""
    return living_providers().select_related("customer").filter(pk=provider_id).first()


def any_provider() -> bool:
    """Whether the sign-in page asks for the address first."""
    return living_providers().exists()


def own_domain(actor: Actor) -> str:
    """The domain for which a partner or a customer may name a provider: the one in its record, set by others."""
    if actor.level == "partner":
        domain = Partner.objects.filter(pk=actor.partner_id or 0).values_list("domain", flat=True).first()
    else:
        domain = Customer.objects.filter(pk=actor.customer_id or 0).values_list("domain", flat=True).first()
    return domain if domain and "." in domain else ""


def create(actor: Actor, draft: Draft, *, now: datetime) -> IdentityProvider:
    """Asks the provider who it is, then keeps it. Raises NotAllowed, ValidationError."""
    actor.require(permission(actor.level, "sign-on"))
    domain = draft.domain if actor.is_operator else own_domain(actor)
    _refuse(actor, draft, domain)
    found = _discovered(draft.issuer)
    row = IdentityProvider(
        level=actor.level, partner_id=actor.partner_id, customer_id=actor.customer_id, domain=domain, created_at=now,
        sealed=seal.seal(draft.client_secret, owner=owner_of(domain)), **_columns(draft, found),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record(actor, "CREATE_IDENTITY_PROVIDER", row, now, after=_shown(row))
    except IntegrityError:
        raise _wrong("domain", _("This domain has an identity provider already."), "domain_taken") from None
    return row


def update(actor: Actor, provider_id: int, draft: Draft, *, version: int, now: datetime) -> IdentityProvider:
    """Changes one of the home's own. Raises IdentityProvider.DoesNotExist, NotAllowed, ValidationError."""
    actor.require(permission(actor.level, "sign-on"))
    before = _shown(providers_for(actor).get(pk=provider_id))
    _refuse_role(actor, draft)
    found = _discovered(draft.issuer)
    with transaction.atomic():
        row = providers_for(actor).select_for_update(of=("self",)).get(pk=provider_id)
        if row.version != version:
            raise stale("UPDATE_IDENTITY_PROVIDER", row.domain, row)
        if draft.client_secret:
            row.sealed = seal.seal(draft.client_secret, owner=owner_of(row.domain))
        for name, value in _columns(draft, found).items():
            setattr(row, name, value)
        row.version = version + 1
        row.save()
        after = _shown(row) | ({"client_secret": "another"} if draft.client_secret else {})
        _record(actor, "UPDATE_IDENTITY_PROVIDER", row, now, before=before, after=after)
    return row


def delete(actor: Actor, provider_id: int, *, now: datetime) -> None:
    """Removes it; whom it signed in is out, and an administrator may invite them to choose a password."""
    actor.require(permission(actor.level, "sign-on"))
    with transaction.atomic():
        row = providers_for(actor).select_for_update(of=("self",)).get(pk=provider_id)
        vouched = User.objects.filter(pk__in=row.identities.values("user_id"))
        vouched.update(is_native=True, epoch=F("epoch") + 1)
        _record(actor, "DELETE_IDENTITY_PROVIDER", row, now, before=_shown(row))
        row.delete()


def _refuse(actor: Actor, draft: Draft, domain: str) -> None:
    _refuse_role(actor, draft)
    if not domain:
        message = _("Your record names no domain. Ask whoever manages it to enter one.")
        raise _wrong("domain", message, "domain_missing")
    if _is_of_others(actor, domain):
        message = _("This domain is that of another portal, or of users of it: you cannot vouch for them.")
        raise _wrong("domain", message, "domain_of_others")
    if not draft.client_secret:
        raise _wrong("client_secret", _("Enter the secret that the provider gave you."), "required")


def _is_of_others(actor: Actor, domain: str) -> bool:
    """Whether another home has users of this domain, or its record names it (whole installation)."""
    own: dict[str, Any] = {"level": actor.level}
    if not actor.is_operator:
        own[f"{actor.level}_id"] = actor.partner_id if actor.level == "partner" else actor.customer_id
    others = User.objects.filter(deleted_at=None, email_key__endswith=f"@{domain}").exclude(**own)
    partners = Partner.objects.filter(domain=domain).exclude(
        pk=(actor.partner_id or 0) if actor.level == "partner" else 0
    )
    customers = Customer.objects.filter(domain=domain, deleted_at=None).exclude(pk=actor.customer_id or 0)
    with beyond(Beyond.NAMING):
        return others.exists() or partners.exists() or customers.exists()


def _refuse_role(actor: Actor, draft: Draft) -> None:
    if not draft.creates_users:
        return
    if draft.default_role not in ROLES[actor.level]:
        raise _wrong("default_role", _("Choose the role of users who are made."), "required")
    if not permissions_of(actor.level, draft.default_role) <= actor.may_give(actor.level):
        raise NotAllowed(_("You cannot give a role that may do more than yours."), code="role_escalation")


def _discovered(issuer: str) -> Endpoints:
    """Before any transaction: a slow provider must not hold a lock."""
    try:
        return discover(issuer)
    except back_channel.Unreachable as error:
        said = _("The provider could not be read at this address: %(reason)s") % {"reason": error.reason}
        raise _wrong("issuer", said, "unreachable") from error


def _columns(draft: Draft, found: Endpoints) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in SHOWN} | {
        name: getattr(found, name) for name in Endpoints.__dataclass_fields__
    }


def _shown(row: IdentityProvider) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("domain", *SHOWN)}


def _wrong(field: str | None, message: str, code: str) -> ValidationError:
    error = ValidationError(message, code=code)
    return ValidationError({field: error}) if field else error


def _record(actor: Actor, name: str, row: IdentityProvider, now: datetime, **facts: Any) -> None:
    audit.record(
        actor, name, subject=row.domain, customer=row.customer, partner_id=row.partner_id,
        category="SECURITY", at=now, **facts,
    )  # fmt: skip
