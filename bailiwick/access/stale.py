"""What somebody who saves an old page is told: who changed what meanwhile (R-05)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bailiwick.models import Event


def stale(event: str, subject: str, row: Any) -> ValidationError:
    """The refusal, from the newest event of the row, which its own home may read."""
    newest = Event.objects.filter(
        name=event, subject=subject, **{owner: getattr(row, owner, None) for owner in ("partner_id", "customer_id")}
    ).last()
    if newest is None:
        return ValidationError(_("Somebody changed this meanwhile. Load the page again."), code="stale")
    before, after = newest.before or {}, newest.after or {}
    names = ", ".join(sorted(name for name in after if before.get(name) != after[name]))
    told = {"who": newest.actor_name, "what": names}
    message = _("%(who)s changed this meanwhile: %(what)s. Load the page again.") % told
    return ValidationError(message, code="stale")
