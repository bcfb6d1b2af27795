"""Update Edge Image Management: whether customers choose their edges' software themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Exists, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bailiwick.access.permissions import Permission
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.profiles import drop_all, edges_with, names_of
from bailiwick.engine.reasons import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch


class UpdateEdgeImageManagement(Change):
    """Lets the administrators of the selected customers choose among assigned software, or takes that back."""

    label = gettext_lazy("Update Edge Image Management")
    permission = Permission.CUSTOMER_UPDATE
    event = "EDGE_IMAGE_MANAGEMENT_UPDATED"
    group = "software"

    class Params(ActionForm):
        """Which way."""

        enabled = forms.TypedChoiceField(
            label=gettext_lazy("Edge Image Management"),
            choices=[("true", gettext_lazy("Activate")), ("false", gettext_lazy("Deactivate"))],
            coerce=lambda value: str(value).lower() in {"true", "1"},
            widget=forms.RadioSelect,
            initial="true",
            help_text=gettext_lazy("While it is on, a customer chooses among the operator profiles assigned to it."),
        )

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:
        """Those that are so already, and edges that would be left with software that nobody may choose (10.3)."""
        return tuple(self._on(actor) if params["enabled"] else self._off())

    def _on(self, actor: Actor) -> Iterator[Refusal]:
        on = _("Edge Image Management is on already.")
        yield Refusal(Q(edge_image_management=True), on, "already_so", harmless=True)
        if actor.level == "partner":
            lacking = _("The operator has not activated Edge Image Management for your company.")
            yield Refusal(Q(partner__edge_image_management=False), lacking, "partner_lacks_it")

    def _off(self) -> Iterator[Refusal]:
        off = _("Edge Image Management is off already.")
        yield Refusal(Q(edge_image_management=False), off, "already_so", harmless=True)
        yield Refusal(
            Q(Exists(edges_with())),
            _("Edges have other software than the default: give them the default first."),
            "profile_in_use",
            counting=names_of(edges_with()),
            counted=_("Edges have other software than the default: %(n)s. Give them the default first."),
        )

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The switch; the default profile stays."""
        return {"edge_image_management": params["enabled"]}

    def apply(self, batch: Batch) -> None:
        """Turning it off takes away what was assigned besides the default: no edge uses it."""
        if not batch.params["enabled"] and batch.rows.count:
            drop_all(batch)
        batch.update(**self.values(batch.params, now=batch.now))

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What its administrators can do afterwards."""
        if params["enabled"]:
            return (_("Each customer may choose its present default only, until you assign more operator profiles."),)
        return (_("Profiles assigned besides the default are taken away. Administrators ask you for upgrades."),)

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        on, off = _("Activate Edge Image Management"), _("Deactivate Edge Image Management")
        return on if params["enabled"] else off

    def button(self, count: int, params: Mapping[str, Any]) -> str:
        """What the button says."""
        on = ngettext("Activate it for %(count)s customer", "Activate it for %(count)s customers", count)
        off = ngettext("Deactivate it for %(count)s customer", "Deactivate it for %(count)s customers", count)
        return (on if params["enabled"] else off) % {"count": f"{count:,}"}
