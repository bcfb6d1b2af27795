"""Restore under New Name: out of the bin although somebody else has the name, account number or domain now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import deleted_customers_for
from bailiwick.access.taken import is_taken
from bailiwick.engine.action import Change, Reach
from bailiwick.engine.forms.customer_form import ACCOUNT_LENGTH
from bailiwick.engine.forms.fields import DomainField, NameField
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.intake.creation import UNIQUE
from bailiwick.engine.reasons import Refusal
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer


class RestoreUnderNewName(Change):
    """Brings one deleted customer back under another name. Leave empty what stays as it was."""

    label = gettext_lazy("Restore under New Name")
    permission = Permission.CUSTOMER_RESTORE
    event = "RESTORE_ENTERPRISE"
    category = "ENTERPRISE"
    from_outside = True
    reach = Reach.ONE
    in_menu = False

    class Params(ActionForm):
        """What is new."""

        name = NameField(label=gettext_lazy("New company name"), required=False)
        account_number = NameField(label=gettext_lazy("New account number"), required=False, max_length=ACCOUNT_LENGTH)
        domain = DomainField(label=gettext_lazy("New domain"), required=False)

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """Only what is in the bin."""
        return deleted_customers_for(actor)

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """Each of the three must be free: the new one, or the old one where none is given."""
        return tuple(
            Refusal(_held(unique.key, name_key(params[unique.column])), unique.sentence(), unique.code)
            for unique in UNIQUE
        )

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """The tombstone goes, what was given is written."""
        return {"deleted_at": None, **{unique.column: new for unique in UNIQUE if (new := params[unique.column])}}

    def apply(self, batch: Batch) -> None:
        """The users come back too, where their names are still free."""
        new = self.values(batch.params, now=batch.now)
        batch.give_back_users()
        batch.update(
            derived={unique.key: name_key(new[unique.column]) for unique in UNIQUE if unique.column in new}, **new
        )

    def sentence(self, params: Mapping[str, Any]) -> str:
        """The title of the job."""
        return _("Restore as %(name)s") % {"name": params["name"]} if params["name"] else _("Restore customer")

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the button says."""
        return _("Restore customer")


def _held(column: str, key: str) -> Q:
    """Whether a living customer has it; an empty domain is nobody's."""
    if key:
        return is_taken(column, key)
    return ~Q(**{column: ""}) & is_taken(column, F(column))
