"""The sections of a customer's settings: which fields, what stands in them, what is mine and what another's change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext as _

from bailiwick.access.scope import customers_for
from bailiwick.engine.action import Change
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.web.customer.history import history
from bailiwick.web.dressed import dress, place
from bailiwick.web.words import moment, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action
    from bailiwick.models import Customer

RECENT = 30
WARNED = {"two_factor_required": True}


class Section:
    """One form of the page. `others` says, for each field that somebody changed meanwhile, what stands there now."""

    def __init__(
        self, name: str, title: str, fields: Iterable[str], actor: Actor, action: Action, row: Customer
    ) -> None:
        self.name, self.title, self.names = name, title, tuple(fields)
        self.actor, self.action, self.customer = actor, action, row
        self.now = {field: current(row, field) for field in self.names}
        self.form = self._dress(action.Params(actor=actor, initial=self.now))
        self.others: dict[str, dict[str, str]] = {}
        self.is_stale = False

    def _dress(self, form: Any) -> Any:
        form.auto_id = f"id_{self.name}_%s"
        dress(form)
        return form

    @property
    def base(self) -> str:
        """What stands in the fields as the page is shown: the posted values are compared with it."""
        return json.dumps(self.now)

    @property
    def bound_fields(self) -> list[dict[str, Any]]:
        """The fields with what somebody else did to them."""
        return [{"field": self.form[name], "other": self.others.get(name)} for name in self.names]

    @property
    def warnings(self) -> Sequence[str]:
        """What would follow if a switch of this section were turned, said before anybody saves it (MOD-09)."""
        asked = {name: value for name, value in WARNED.items() if name in self.names and self.now[name] != value}
        rows = customers_for(self.actor).filter(pk=self.customer.pk)
        return self.action.warnings(rows, asked) if asked and isinstance(self.action, Change) else ()

    def changed(self, posted: Mapping[str, Any], base: object) -> dict[str, Any]:
        """The posted values of this section that differ from what its page showed."""
        seen = self._seen(base)
        return {name: posted[name] for name in self.names if name in posted and self._differs(name, seen, posted)}

    def _differs(self, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        before = old.get(name)
        if isinstance(before, bool) and not isinstance(new[name], bool):
            before = str(before).lower()
        return bool(self.form.fields[name].has_changed(before, new[name]))

    def _seen(self, base: object) -> dict[str, Any]:
        return base if isinstance(base, dict) else self.now

    def refuse_collision(self, mine: Mapping[str, Any], base: object) -> None:
        """Raises InvalidParams (409) where a field of mine was changed by somebody else since it was shown."""
        seen = self._seen(base)
        if any(name in seen and seen[name] != self.now[name] for name in mine):
            raise InvalidParams.one("version", "stale", _("Somebody changed this meanwhile."), status=409)

    def return_to(self, posted: Mapping[str, Any], mine: Mapping[str, Any], base: object, error: InvalidParams) -> None:
        """Shows again what was posted; after a stale page my fields stay mine, the rest is what stands there now."""
        self.is_stale = any(each["code"] == "stale" for found in error.errors.values() for each in found)
        values = {**self.now, **mine} if self.is_stale else {**self.now, **{n: posted.get(n) for n in self.names}}
        if self.is_stale:
            self.form = self._dress(self.action.Params(actor=self.actor, initial=values))
            self._compare(self._seen(base), mine)
            return
        self.form = self._dress(self.action.Params(values, actor=self.actor))
        place(self.form, error, shown=self.names)

    def _compare(self, seen: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
        recent, _older = history(self.actor, self.customer.pk, limit=RECENT)
        for name in self.names:
            if seen.get(name) == self.now[name]:
                continue
            by = next((each.event for each in recent if name in (each.event.after or {})), None)
            self.others[name] = {
                "now": value(name, self.now[name]),
                "raw": json.dumps(self.now[name]),
                "was": value(name, seen.get(name)),
                "mine": json.dumps(mine[name]) if name in mine else "",
                "who": by.actor_name if by else "",
                "when": moment(by.at) if by else "",
            }


def sections(actor: Actor, action: Action, customer: Customer) -> list[Section]:
    """The sections that have fields for this actor; a field that stands in none of them comes last."""
    offered = [name for name in action.Params(actor=actor).fields if name != "version"]
    layout = [(each.slug, str(each.heading), each.fields) for each in action.Params.sections]
    placed = {name for _slug, _heading, names in layout for name in names}
    rest = ("more", _("More"), tuple(name for name in offered if name not in placed))
    return [
        Section(slug, heading, found, actor, action, customer)
        for slug, heading, names in (*layout, rest)
        if (found := [name for name in names if name in offered])
    ]


def section_of(name: str, actor: Actor, action: Action, customer: Customer) -> Section | None:
    """The section of this name."""
    return next((section for section in sections(actor, action, customer) if section.name == name), None)


def current(customer: Customer, name: str) -> Any:
    """What stands in the column now, as JSON would carry it."""
    found = getattr(customer if hasattr(customer, name) else customer.detail, name, None)
    return found.pk if isinstance(found, Model) else found
