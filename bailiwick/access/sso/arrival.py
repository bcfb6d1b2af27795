"""From a provider's word to a user of ours: of the provider's own home, of its domain, alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from bailiwick import audit
from bailiwick.access.actor import Actor
from bailiwick.access.login import living_users
from bailiwick.access.permissions import ROLES
from bailiwick.access.sso.claims import NotVouched
from bailiwick.models import Identity, User
from bailiwick.models.addresses import Undeliverable, email_key, stored_email
from bailiwick.models.text import NAME_LENGTH, forbidden_character

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.models import IdentityProvider


def welcome(provider: IdentityProvider, claims: Mapping[str, Any], *, now: datetime) -> User:
    """Returns the user, who is known by the provider's name for him once he came. Raises NotVouched."""
    known = Identity.objects.filter(provider=provider, subject=claims["sub"]).first()
    if known:
        user = _alive(provider).filter(pk=known.user_id).first()
        if user is None:
            raise NotVouched("The user may not sign in here.")
        return user
    email = _address(provider, claims)
    try:
        with transaction.atomic():
            user = _alive(provider).filter(email_key=email_key(email)).first() or _new(provider, claims, email, now)
            Identity.objects.create(
                user=user, provider=provider, subject=claims["sub"], created_at=now,
                partner_id=user.partner_id, customer_id=user.customer_id,
            )  # fmt: skip
    except IntegrityError:
        raise NotVouched("The address belongs to somebody else here.") from None
    return user


def _alive(provider: IdentityProvider) -> QuerySet[User]:
    """Those of the provider's own home: nobody vouches for another home's users."""
    home = {"level": provider.level, "partner_id": provider.partner_id, "customer_id": provider.customer_id}
    if provider.level == "customer":
        home.pop("partner_id")
    return living_users().filter(**home).select_related("partner", "customer")


def _address(provider: IdentityProvider, claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    try:
        stored = stored_email(email) if isinstance(email, str) and not forbidden_character(email) else ""
    except Undeliverable:
        stored = ""
    if not stored or claims.get("email_verified", True) not in (True, "true"):
        raise NotVouched("The provider gave no verified e-mail address.")
    if stored.rpartition("@")[2].casefold() != provider.domain:
        raise NotVouched("The e-mail address is not of the provider's domain.")
    return stored


def _new(provider: IdentityProvider, claims: Mapping[str, Any], email: str, now: datetime) -> User:
    if not provider.creates_users or provider.default_role not in ROLES[provider.level]:
        raise NotVouched("There is no such user, and the provider's record makes none.")
    user = User(
        email=email, email_key=email_key(email), level=provider.level, role=provider.default_role,
        partner_id=provider.partner_id if provider.level == "partner" else None, customer=provider.customer,
        first_name=_name(claims.get("given_name")), last_name=_name(claims.get("family_name")),
        is_native=False, created_at=now,
    )  # fmt: skip
    user.set_unusable_password()
    user.save(force_insert=True)
    audit.record(
        Actor.stranger(provider.domain, door="web"),
        "CREATE_OPERATOR_USER" if provider.level == "operator" else "CREATE_USER",
        subject=user.email, customer=user.customer, partner_id=user.partner_id,
        after={"role": user.role, "by": "single sign-on"}, at=now,
    )  # fmt: skip
    return user


def _name(said: Any) -> str:
    return said[:NAME_LENGTH] if isinstance(said, str) and not forbidden_character(said) else ""
