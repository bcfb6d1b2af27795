"""Adding, naming and removing second factors; each change is an event, and adding one ends all other sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bailiwick import audit, seal
from bailiwick.access import attempts, users
from bailiwick.access.actor import NotAllowed
from bailiwick.access.factor import app, duty, recovery
from bailiwick.models import Factor, RecoveryCode, User

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor

MOST = 20


def factors_of(user: User) -> QuerySet[Factor]:
    """The user's own, oldest first."""
    return Factor.objects.filter(user=user).order_by("pk")


def add_app(actor: Actor, user: User, secret: str, code: str, *, now: datetime) -> list[str]:
    """Keeps the app once it showed a right code; returns recovery codes if these are the first. ValidationError."""
    budget = attempts.factor(user.pk)
    step = app.step_of(secret, code, now) if budget.take(now) <= budget.limit else None
    if step is None:
        wrong = _("This code is not right. Look whether the telephone's clock is right, and enter the newest code.")
        raise ValidationError(wrong, code="wrong_code")
    budget.give_back()
    sealed = seal.seal(secret, owner=app.owner_of(user))
    row = Factor(user=user, kind=app.KIND, name=_("Authenticator app"), sealed=sealed, last_step=step)
    row.partner_id, row.customer_id, row.created_at = user.partner_id, user.customer_id, now
    return _add(actor, user, row, now)


def add_passkey(actor: Actor, user: User, row: Factor, *, now: datetime) -> list[str]:
    """Keeps what `passkey.made` returned; returns recovery codes if these are the first. ValidationError."""
    return _add(actor, user, row, now)


def _add(actor: Actor, user: User, row: Factor, now: datetime) -> list[str]:
    if factors_of(user).count() >= MOST:
        raise ValidationError(_("You have 20 second factors. Remove one first."), code="too_many")
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
            has_codes = RecoveryCode.objects.filter(user=user).exists()
            codes = [] if has_codes else recovery.renew(user, now)
            _record(actor, "ENROL_SECOND_FACTOR", user, now, after={"kind": row.kind, "name": row.name})
    except IntegrityError:
        taken = _("You have this one already. Remove it first, to set it up anew.")
        raise ValidationError(taken, code="factor_taken") from None
    user.refresh_from_db(fields=["epoch"])
    return codes


def rename(user: User, factor_id: int, name: str) -> None:
    """Gives one of the user's own another name. Raises Factor.DoesNotExist."""
    if not factors_of(user).filter(pk=factor_id).update(name=name):
        raise Factor.DoesNotExist


def remove(actor: Actor, user: User, factor_id: int, *, now: datetime) -> None:
    """Takes one of the user's own away. Raises Factor.DoesNotExist, NotAllowed for the last one he must have."""
    with transaction.atomic():
        rows = list(factors_of(user).select_for_update())
        row = next((row for row in rows if row.pk == factor_id), None)
        if row is None:
            raise Factor.DoesNotExist
        if len(rows) == 1 and duty.is_required(user):
            raise NotAllowed(_("You must have a second factor. Add another one first."), code="last_factor")
        row.delete()
        if len(rows) == 1:
            recovery.forget(user)
        _record(actor, "REMOVE_SECOND_FACTOR", user, now, before={"kind": row.kind, "name": row.name})


def renew_codes(actor: Actor, user: User, *, now: datetime) -> list[str]:
    """New recovery codes, shown once. Raises NotAllowed for one who has nothing to recover."""
    if not duty.kinds(user):
        raise NotAllowed(_("Set up a second factor first."), code="second_factor_owed")
    with transaction.atomic():
        codes = recovery.renew(user, now)
        _record(actor, "NEW_RECOVERY_CODES", user, now)
    return codes


def reset(actor: Actor, user_id: int, *, now: datetime) -> User:
    """An administrator takes everything away: the user signs in with the password and enrols anew."""
    user = users.changeable(actor, user_id)
    if user.pk == actor.user_id:
        raise NotAllowed(_("You cannot reset your own. Remove them on My account."), code="own_factor")
    wipe(actor, user, now=now)
    return user


def wipe(actor: Actor, user: User, *, now: datetime) -> None:
    """Removes every second factor of a user whom the caller was allowed to reset, and ends his sessions."""
    with transaction.atomic():
        kinds = sorted(duty.kinds(user))
        factors_of(user).delete()
        recovery.forget(user)
        attempts.factor(user.pk).clear()
        User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
        _record(actor, "RESET_SECOND_FACTOR", user, now, before={"kinds": kinds}, severity="WARNING")


def _record(actor: Actor, name: str, user: User, now: datetime, **facts: Any) -> None:
    audit.record(
        actor, name, subject=user.email, customer=user.customer, partner_id=user.partner_id,
        category="SECURITY", at=now, **facts,
    )  # fmt: skip
