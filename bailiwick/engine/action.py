"""What an action is: its words, its permission, its form, its refusals and its set-based change."""

from __future__ import annotations

import re
from contextlib import contextmanager, nullcontext
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bailiwick.access.scope import customers_for
from bailiwick.access.told import open_to
from bailiwick.access.wall import Beyond, beyond, standing
from bailiwick.engine.exports.dialect import DialectForm
from bailiwick.engine.forms.form import ActionForm
from bailiwick.engine.reasons import GONE, Problem, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.access.permissions import Permission
    from bailiwick.access.postgresql.base import Place
    from bailiwick.engine.batch import Batch
    from bailiwick.engine.exports.table import Table
    from bailiwick.engine.intake.batch import InputBatch
    from bailiwick.models import Customer


class UnknownAction(Exception):  # noqa: N818 -- reads as the sentence it is
    """No entry of the menu has this slug: 404 at every door."""


class Reach(Enum):
    """How many selected customers an action takes (domain 1.5)."""

    NONE = "none"
    ONE = "one"
    MANY = "many"


class Action:
    """An entry of the menu. The class docstring of an action is product text: dialog help, --help, OpenAPI summary."""

    label: ClassVar[Any]
    partners_label: ClassVar[Any] = ""  # where a partner's users know it by another name
    permission: ClassVar[Permission]
    event: str
    reach: ClassVar[Reach] = Reach.MANY
    group: ClassVar[str] = "customers"
    category: str = "CONFIGURATION"
    destroys: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False
    # Values that a job which failed does not keep either: what was to be sent, and is nobody's to read.
    forgets: ClassVar[tuple[str, ...]] = ()
    in_menu: ClassVar[bool] = True
    page: ClassVar[str] = ""
    past_wall: ClassVar[Beyond | None] = None
    from_outside: ClassVar[bool] = False  # what the provider decides about a customer, whether or not it lets him in

    class Params(ActionForm):
        """What the action asks for; by default nothing."""

    @property
    def slug(self) -> str:
        """The menu label in kebab case, from the class name."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()

    @property
    def help(self) -> str:
        """The first paragraph of the docstring."""
        return " ".join((type(self).__doc__ or "").split("\n\n")[0].split())

    def label_for(self, actor: Actor) -> str:
        """What this actor calls it."""
        return str((actor.level == "partner" and self.partners_label) or self.label)

    @contextmanager
    def within(self, place: Place) -> Iterator[None]:
        """Behind the second wall; past it where the rows are not the actor's own yet, and `rows` alone bounds them."""
        with standing(place), beyond(self.past_wall) if self.past_wall else nullcontext():
            yield

    def rows(self, actor: Actor) -> QuerySet[Customer]:
        """The rows it works on; the selection is cut to these."""
        return customers_for(actor)

    def is_let_in(self, actor: Actor) -> Q:
        """Which customers it may look into for this actor (domain 8.4)."""
        return Q() if self.from_outside and actor.is_operator else open_to(actor)

    def gate(self, actor: Actor) -> None:
        """Raises NotAllowed where a system property closes the action; called wherever the permission is checked."""

    def sentence(self, params: Mapping[str, Any]) -> str:  # noqa: ARG002 -- for actions that need it
        """The title of the job, without the count."""
        return str(self.label)

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the confirming button says."""
        return f"{self.label}: {count:,}"

    def consequences(self, params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What else will happen, in words, for the preview."""
        return ()


class Change(Action):
    """Changes selected customers: refusals, then one set-based statement a chunk."""

    undoable: ClassVar[bool] = False
    inverse: ClassVar[str] = ""
    gone: ClassVar[Any] = GONE
    is_constant: ClassVar[bool] = False  # gate, form and rules hang on nothing but actor and values
    tells_before: ClassVar[bool] = True  # what stands in a row now, in a preview: not where it is not the actor's yet
    tells_each: ClassVar[bool] = False  # a preview names every customer with what changes of it (engine/plan.py)
    pointless: ClassVar[tuple[Q, Any] | None] = None  # with such rows alone the menu closes it, and says this
    relies_on_grants: ClassVar[bool] = False  # nobody withdraws between judgement and change what partners may give

    def rules(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:
        """All that holds for a row: the doors that its customer closed, then the action's own."""
        return (*self._closed_doors(actor), *self.refusals(params, actor))

    def _closed_doors(self, actor: Actor) -> Sequence[Refusal]:
        """A customer that did not let the actor's side in is left alone."""
        if not (let_in := self.is_let_in(actor)):
            return ()
        because = _("Has withdrawn operator access.") if actor.is_operator else _("Has not given its partner access.")
        return (Refusal(~let_in, because, "access_withdrawn"),)

    def told(self, rows: QuerySet[Customer], actor: Actor) -> QuerySet[Customer]:
        """Those of the rows whose facts may be said before it is done."""
        return rows.filter(self.is_let_in(actor))

    def refusals(self, params: Mapping[str, Any], actor: Actor) -> Sequence[Refusal]:  # noqa: ARG002
        """The rules, the first that matches speaks."""
        return ()

    def particulars(self, refusal: Refusal, row: Customer, params: Mapping[str, Any], actor: Actor) -> dict[str, Any]:  # noqa: ARG002
        """What else the error of a conflict says, for a script to read."""
        return {}

    def warnings(self, rows: QuerySet[Customer], params: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """What the selected rows themselves give reason to say before it is done."""
        return ()

    def letter(self, rows: QuerySet[Customer], params: Mapping[str, Any], actor: Actor) -> Mapping[str, str]:  # noqa: ARG002
        """The mail that it sends, header by header as shown, its text last; nothing if it sends none."""
        return {}

    def offer(self, form: ActionForm, rows: QuerySet[Customer]) -> None:
        """Fills choices that hang on the selected rows into the form of a page."""

    def values(self, params: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
        """The columns it sets and to what, the same for every row."""
        raise NotImplementedError

    def besides(self, rows: Iterable[Customer], params: Mapping[str, Any]) -> Mapping[int, Mapping[str, Any]]:  # noqa: ARG002
        """Columns that only some of these few rows get: customer to values, for the sample of a preview."""
        return {}

    def notes(self, rows: Sequence[Customer], params: Mapping[str, Any]) -> Mapping[int, Sequence[str]]:  # noqa: ARG002
        """What else happens with each of these few rows, in words, for the plan."""
        return {}

    def apply(self, batch: Batch) -> None:
        """Does the work of one chunk with `batch.update`; more set-based statements may follow."""
        batch.update(**self.values(batch.params, now=batch.now))


class Create(Action):
    """Makes new rows from input: one from a form, or many from a file."""

    reach = Reach.NONE
    many: ClassVar[bool] = False
    template: ClassVar[str] = ""  # the field that the one selected customer fills

    def inputs(self, params: Mapping[str, Any], actor: Actor) -> Iterator[dict[str, Any]]:
        """The cleaned rows to make, as JSON values; they are frozen with the job."""
        raise NotImplementedError

    def problems(self, rows: Sequence[dict[str, Any]], params: Mapping[str, Any], actor: Actor) -> list[Problem]:
        """Judges rows against what exists now, in a constant number of queries."""
        raise NotImplementedError

    def is_strict(self, params: Mapping[str, Any]) -> bool:  # noqa: ARG002 -- for actions that ask
        """Whether one bad row refuses them all."""
        return False

    def make(self, batch: InputBatch) -> None:
        """Makes the rows of one chunk, set-based, and reports each with `batch.made`."""
        raise NotImplementedError


class Export(Action):
    """Writes rows to a file from the database (engine/exports/export.py); the file is made while it is read."""

    reach = Reach.NONE
    group = "export"
    category = "USER"
    repeatable = True
    address: ClassVar[str]
    file: ClassVar[str]
    withheld: ClassVar[Any] = ""

    class Params(DialectForm):
        """Separator, guard, byte order mark, compression."""

    def table(self, actor: Actor) -> Table:
        """The columns, and every row of the actor's portal."""
        raise NotImplementedError

    def left_out(self, actor: Actor) -> QuerySet[Customer]:
        """The customers whose rows are not in the file; `withheld` says why."""
        return customers_for(actor).none()

    def button(self, count: int, params: Mapping[str, Any]) -> str:  # noqa: ARG002
        """What the confirming button says."""
        return ngettext("Export %(count)s row", "Export %(count)s rows", count) % {"count": f"{count:,}"}
