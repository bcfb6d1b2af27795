"""Software images: making them known, deprecating them and removing them (domain 10.2); one event a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import software_images_for
from bailiwick.engine import image_files
from bailiwick.models import OPEN_ROLLOUTS, ActivationState, Edge, OperatorProfile, SoftwareImage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from bailiwick.access.actor import Actor


class Draft(NamedTuple):
    """What is said of a new image; nothing of it changes afterwards."""

    name: str
    version: str
    build_number: str = ""
    device_family: str = ""


def profiles_with(ids: Iterable[int]) -> dict[int, int]:
    """How many operator profiles bring each of these images."""
    rows = OperatorProfile.objects.filter(image_id__in=list(ids)).order_by()
    return dict(rows.values_list("image_id").annotate(n=Count("pk")))


def create(actor: Actor, draft: Draft, *, now: datetime) -> SoftwareImage:
    """Makes one known. Raises NotAllowed, ValidationError."""
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = SoftwareImage.objects.create(**draft._asdict())
        except IntegrityError:
            message = _("There is an image of this name, version and build already.")
            raise ValidationError({"version": ValidationError(message, code="version_taken")}) from None
        _record(actor, "SOFTWARE_UPLOAD", row, now, after=draft._asdict())
    return row


def deprecate(actor: Actor, image_id: int, *, deprecated: bool, now: datetime) -> SoftwareImage:
    """Offers it nowhere any more, or again. Raises SoftwareImage.DoesNotExist, NotAllowed."""
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    with transaction.atomic():
        row = software_images_for(actor).select_for_update().get(pk=image_id)
        if row.deprecated != deprecated:
            row.deprecated = deprecated
            row.save(update_fields=["deprecated"])
            told = {"before": {"deprecated": not deprecated}, "after": {"deprecated": deprecated}}
            _record(actor, "SOFTWARE_DEPRECATED" if deprecated else "SOFTWARE_OFFERED", row, now, **told)
    return row


def delete(actor: Actor, image_id: int, *, home: Path, now: datetime) -> None:
    """Removes one that no profile brings and no edge runs, and its file.

    Raises SoftwareImage.DoesNotExist, NotAllowed, ValidationError (`in_use`).
    """
    actor.require(Permission.SOFTWARE_IMAGE_MANAGE)
    with transaction.atomic():
        row = software_images_for(actor).select_for_update().get(pk=image_id)
        if used := profiles_with([row.pk]).get(row.pk):
            has = ngettext("%(n)s operator profile brings it.", "%(n)s operator profiles bring it.", used)
            raise ValidationError(has % {"n": f"{used:,}"}, code="in_use")
        if running := _running(row):
            runs = ngettext("%(n)s edge runs it.", "%(n)s edges run it.", running)
            raise ValidationError(runs % {"n": f"{running:,}"}, code="in_use")
        if row.rollouts.filter(state__in=OPEN_ROLLOUTS).exists():
            raise ValidationError(_("An open roll-out brings it to edges."), code="in_use")
        _record(actor, "SOFTWARE_PKG_DELETE", row, now, before={"name": row.name, "version": row.version})
        row.delete()
    image_files.forget(home, row.sha256)


def _running(row: SoftwareImage) -> int:
    """Edges say the version that they run; of two images with one version the other one stays."""
    if SoftwareImage.objects.filter(version=row.version).exclude(pk=row.pk).exists():
        return 0
    return Edge.objects.filter(software_version=row.version).exclude(activation_state=ActivationState.PENDING).count()


def _record(
    actor: Actor,
    name: str,
    row: SoftwareImage,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(actor, name, subject=str(row)[:255], before=before, after=after, at=now)
