"""Clone Customer: a new customer with the configuration of another one; what hinders it is said all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access.permissions import Permission
from bailiwick.engine.action import Reach
from bailiwick.engine.configuration import clone
from bailiwick.engine.forms.clone_form import CloneForm, asked_of, hindered
from bailiwick.engine.intake.creation import LostRace
from bailiwick.engine.intake.newborn import Newborn
from bailiwick.engine.reasons import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.intake.batch import InputBatch


class CloneCustomer(Newborn):
    """Creates a customer with the configuration of another one. No edge, user, token or event goes with it."""

    label = gettext_lazy("Clone Customer")
    permission = Permission.CUSTOMER_CLONE
    reach = Reach.ONE
    template = "template"

    class Params(CloneForm):
        """Everything about the new customer, its template, and what is copied besides."""

    def inputs(self, params: Mapping[str, Any], actor: Actor) -> Iterator[dict[str, Any]]:
        """One row, and which customer it is made from."""
        for row in super().inputs(params, actor):
            yield {**row, "template_id": params["template"].pk}

    def problems(self, rows: Sequence[dict[str, Any]], params: Mapping[str, Any], actor: Actor) -> list[Problem]:
        """What hinders cloning, too, all at once."""
        return super().problems(rows, params, actor) + [
            Problem(row["line"], "template", blocker.because, clone.NOT_CLONEABLE)
            for row in rows
            for blocker in hindered(params)
        ]

    def make(self, batch: InputBatch) -> None:
        """The customer, then its configuration in the same transaction; nobody changes the template meanwhile."""
        template = batch.params["template"]
        if batch.rows and (not clone.hold(template.pk) or hindered(batch.params)):
            raise LostRace
        super().make(batch)
        clone.copy(batch, template.pk, asked=asked_of(batch.params))

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:
        """What is copied, and what is not."""
        return (*clone.told(params["template"], asked_of(params)), *super().consequences(params))

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Clone %(template)s to %(name)s") % {"template": params["template"], "name": params["name"]}

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return _("Clone customer")
