"""Operator profiles: making, changing and deleting them, and who has them (domain 10.1); one event a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import operator_profiles_for
from bailiwick.access.stale import stale
from bailiwick.models import OPEN_ROLLOUTS, Customer, CustomerProfile, Edge, OperatorProfile, PartnerProfile
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bailiwick.access.actor import Actor


class Draft(NamedTuple):
    """What a form says of a profile; the names are its columns."""

    name: str
    description: str
    kind: str
    image_id: int | None
    orchestrator_address: str
    heartbeat_seconds: int

    @classmethod
    def of(cls, row: OperatorProfile) -> Self:
        """What stands in its row."""
        return cls(**{name: getattr(row, name) for name in cls._fields})


class Usage(NamedTuple):
    """How many have a profile: customers as their default (in the bin too) or to choose, partners, edges themselves."""

    customers: int = 0
    to_choose: int = 0
    partners: int = 0
    edges: int = 0


USERS = {"customers": Customer, "to_choose": CustomerProfile, "partners": PartnerProfile, "edges": Edge}


def usage_of(ids: Iterable[int]) -> dict[int, Usage]:
    """Of each of these profiles, in one question a kind of user."""
    wanted = list(ids)
    counts: dict[int, dict[str, int]] = {pk: {} for pk in wanted}
    for kind, model in USERS.items():
        rows = model._default_manager.filter(operator_profile_id__in=wanted).order_by()
        for pk, number in rows.values_list("operator_profile_id").annotate(n=Count("pk")):
            counts[pk][kind] = number
    return {pk: Usage(**found) for pk, found in counts.items()}


def create(actor: Actor, draft: Draft, *, now: datetime) -> OperatorProfile:
    """Makes one. Raises NotAllowed, ValidationError."""
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    with transaction.atomic():
        row = OperatorProfile(**draft._asdict())
        _save(row)
        _record(actor, "CREATE_OPERATOR_PROFILE", row, now, after=draft._asdict())
    return row


def update(actor: Actor, profile_id: int, draft: Draft, *, version: int, now: datetime) -> OperatorProfile:
    """Changes one. Raises OperatorProfile.DoesNotExist, NotAllowed, ValidationError (`stale` for an old version)."""
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    with transaction.atomic():
        row = operator_profiles_for(actor).select_for_update().get(pk=profile_id)
        if row.version != version:
            raise stale("UPDATE_OPERATOR_PROFILE", row.name, row)
        old, new = Draft.of(row)._asdict(), draft._asdict()
        changed = [name for name, value in new.items() if old[name] != value]
        if not changed:
            return row
        if "kind" in changed and any(usage_of([row.pk])[row.pk]):
            message = _("It is in use: make another profile for the other kind.")
            raise ValidationError({"kind": ValidationError(message, code="in_use")})
        if "image_id" in changed and row.rollouts.filter(state__in=OPEN_ROLLOUTS).exists():
            message = _("A roll-out of this profile is open: it decides on the image until it ends.")
            raise ValidationError({"image": ValidationError(message, code="open_rollout")})
        for name in changed:
            setattr(row, name, new[name])
        row.version += 1
        _save(row)
        before, after = ({name: values[name] for name in changed} for values in (old, new))
        _record(actor, "UPDATE_OPERATOR_PROFILE", row, now, before=before, after=after)
    return row


def delete(actor: Actor, profile_id: int, *, now: datetime) -> None:
    """Removes one that nobody has. Raises OperatorProfile.DoesNotExist, NotAllowed, ValidationError (`in_use`)."""
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    with transaction.atomic():
        row = operator_profiles_for(actor).select_for_update().get(pk=profile_id)
        if any(used := usage_of([row.pk])[row.pk]):
            raise ValidationError(in_words(used), code="in_use")
        _record(actor, "DELETE_OPERATOR_PROFILE", row, now, before=Draft.of(row)._asdict())
        row.delete()


def in_words(used: Usage) -> str:
    """Who has it, as a sentence."""
    told = (
        _("customers (also in the bin) whose default it is: %d") % used.customers if used.customers else "",
        _("customers that may choose it: %d") % used.to_choose if used.to_choose else "",
        _("partners: %d") % used.partners if used.partners else "",
        _("edges: %d") % used.edges if used.edges else "",
    )
    return _("In use by %(who)s.") % {"who": "; ".join(filter(None, told))}


def _save(row: OperatorProfile) -> None:
    row.name_key = name_key(row.name)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "name_key" not in str(error):
            raise
        message = _("Another operator profile has this name.")
        raise ValidationError({"name": ValidationError(message, code="name_taken")}) from None


def _record(
    actor: Actor,
    name: str,
    row: OperatorProfile,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(actor, name, subject=row.name, before=before, after=after, at=now)
