"""Update Edge Licences: which types of licences the edges of customers may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.actor import NotAllowed
from bailiwick.access.permissions import Permission
from bailiwick.access.properties import value_for
from bailiwick.engine import licences
from bailiwick.engine.action import Change
from bailiwick.engine.forms.licence_form import LicencesForm
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch


class UpdateEdgeLicences(Change):
    """Gives the selected customers these types of edge licences, and takes all others away from them."""

    label = gettext_lazy("Update Edge Licences")
    permission = Permission.LICENCE_ASSIGN
    event = "LICENSE_ASSIGNED"
    relies_on_grants = True
    in_menu = False  # not one of the sixteen entries: it stands on the customer's page
    group = "software"

    class Params(LicencesForm):
        """Which ones."""

    def gate(self, actor: Actor) -> None:
        """A system property closes it (domain 14.4)."""
        if not value_for(actor, "session.options.enableEdgeLicensing"):
            raise NotAllowed(_("Edge licensing is switched off for this installation."))

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Nobody goes down, no edge is left without, and a partner's customers get what the partner may give."""
        return tuple(self._refusals(params["licences"]))

    def _refusals(self, types: Sequence[Any]) -> Iterator[Refusal]:
        yield Refusal(licences.has_exactly(types), _("Has these and no others already."), "already_so", harmless=True)
        lower = _("Has a higher edition: from Premium to Enterprise or Standard there is no way, nor from Enterprise.")
        yield Refusal(licences.above(types), lower, "edition_lowered")
        stranded = _("Edges have licences that would go. Give those edges others first, or choose a single type.")
        yield Refusal(licences.strands(types), stranded, "edges_licensed")
        lacking = _("Its partner may not give all of these: give them to the partner first.")
        yield Refusal(licences.partner_lacks(types), lacking, "licence_lacking")

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """No column of the customer itself."""
        return {}

    def apply(self, batch: Batch) -> None:
        """Replaced in one statement, one event each."""
        if batch.rows.count:
            licences.replace(batch, batch.params["licences"])

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        names = ", ".join(str(each) for each in params["licences"])
        return _("Edge licences: %(names)s") % {"names": names or _("none")}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        told = ngettext("Update %(count)s customer", "Update %(count)s customers", count)
        return told % {"count": f"{count:,}"}
