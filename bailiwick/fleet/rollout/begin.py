"""A roll-out begins: its edges are frozen in their waves, in an order that is nobody's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import operator_profiles_for, software_images_for
from bailiwick.fleet.rollout.terms import EDGES, Terms
from bailiwick.models import Rollout

if TYPE_CHECKING:
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.models import OperatorProfile, SoftwareImage

# Sorted by a hash, so that the canary is of many customers, and the same edges come first when it is asked again.
FREEZE = f"""
INSERT INTO bailiwick_rolloutedge (rollout_id, edge_id, customer_id, partner_id, wave, step, before, why)
SELECT %(rollout)s, id, customer_id, partner_id,
  CASE WHEN place <= %(canary)s THEN 1
    ELSE 2 + (SELECT count(*) FROM unnest(%(percents)s::int[]) p WHERE ceil(total * p / 100.0) < place) END,
  'waiting', software_version, ''
FROM (
  SELECT e.id, e.customer_id, e.partner_id, e.software_version, count(*) OVER () AS total,
    row_number() OVER (ORDER BY sha256((e.logical_id::text || %(salt)s)::bytea)) AS place
  {EDGES}
) AS placed
"""


def begin(actor: Actor, profile: OperatorProfile, image: SoftwareImage, terms: Terms, *, now: datetime) -> Rollout:
    """Starts it; the worker goes on with it. Raises NotAllowed, ValidationError."""
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    with transaction.atomic():
        profile = operator_profiles_for(actor).select_for_update().get(pk=profile.pk)
        image = software_images_for(actor).select_for_update().get(pk=image.pk)
        refuse_unfit(profile, image)
        made = _stored(actor, profile, image, terms, now)
        told = {"image": str(image), "edges": _freeze(made, terms)}
        audit.record(actor, "ROLLOUT_BEGUN", subject=profile.name, category="EDGE", after=told, at=now)
    return made


def refuse_unfit(profile: OperatorProfile, image: SoftwareImage) -> None:
    """Raises ValidationError where no edge could get the image, or has it by its profile already."""
    if image.deprecated:
        raise _wrong("deprecated", _("This image is deprecated."))
    if not image.sha256:
        raise _wrong("no_file", _("This image has no file yet: no edge can fetch it."))
    if profile.image_id == image.pk:
        raise _wrong("already_so", _("The profile brings this image already."))


def _stored(actor: Actor, profile: OperatorProfile, image: SoftwareImage, terms: Terms, now: datetime) -> Rollout:
    try:
        with transaction.atomic():
            return Rollout.objects.create(
                operator_profile=profile,
                image=image,
                image_name=str(image),
                judged_since=now,
                actor_name=actor.name,
                created_at=now,
                **terms._asdict(),
            )
    except IntegrityError:
        open_one = _("Another roll-out of this profile is open: end it first.")
        raise ValidationError(open_one, code="open_rollout") from None


def _freeze(made: Rollout, terms: Terms) -> int:
    values: dict[str, Any] = {"rollout": made.pk, "profile": made.operator_profile_id, "salt": str(made.logical_id)}
    with connection.cursor() as cursor:
        cursor.execute(FREEZE, values | {"canary": terms.canary, "percents": list(terms.percents)})
        frozen = int(cursor.rowcount)
    if not frozen:
        raise ValidationError(_("No active edge has this profile: change its image at once instead."), code="no_edges")
    return frozen


def _wrong(code: str, message: str) -> ValidationError:
    return ValidationError({"image": ValidationError(message, code=code)})
