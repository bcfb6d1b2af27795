"""One line of a customers file, cell by cell: what each says, or why it cannot be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bailiwick.access.scope import gateway_pools_for, partners_for
from bailiwick.engine.exports.dialect import unguarded
from bailiwick.engine.forms.customer_form import AUTHENTICATION, SERVICES, CustomerForm
from bailiwick.engine.intake import creation
from bailiwick.engine.intake.mapping import REQUIRED
from bailiwick.engine.intake.stock import POOL, PROFILE, Stock
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.intake.mapping import Source

    Cell = Callable[[str], dict[str, Any]]

YES = frozenset({"true", "yes", "on", "1", "activated", "active"})
NO = frozenset({"false", "no", "off", "0", "deactivated", "inactive"})
KEPT = 10_000
NAME_SHOWN = 100
MISSING = {
    POOL: gettext_lazy("This partner has no gateway pool to give yet."),
    PROFILE: gettext_lazy("This partner has no operator profile with a current software image to give yet."),
}


class _Cell(NamedTuple):
    """A field of the rows: where its text stands, what texts mean, and what those already seen meant."""

    target: str
    source: Source
    means: Cell
    known: dict[str, Any]


class Reader:
    """Reads rows of one file for one actor; what a text means is worked out once for each different text."""

    def __init__(self, sources: Mapping[str, Source], actor: Actor, *, guarded: bool) -> None:
        self.guarded = guarded
        self.direct: dict[str, Any] = creation.defaults(actor)
        self.stock = Stock(partners_for(actor).values_list("pk", flat=True) if "partner" in sources else [])
        # A partner's own customers let it in, as its page has it: afterwards only a customer itself could.
        ours = {"partner_id": actor.partner_id, "partner_access": True}
        self.own_partner = ours if actor.level == "partner" else {}
        self.cells = [_Cell(target, source, _cell(target, actor), {}) for target, source in sources.items()]

    def row(self, line: int, record: Sequence[str], width: int) -> dict[str, Any]:
        """The columns of one customer; what is wrong with them stands in `errors` as field, code, message."""
        row: dict[str, Any] = {"line": line, "name": ""}
        errors: list[tuple[str, str, str]] = []
        if len(record) != width and any(cell.strip() for cell in record[width:] or [" ", "short"]):
            errors.append(("row", "ragged", _ragged(len(record), width)))
        else:
            for cell in self.cells:
                # A hundred thousand rows of a dozen cells come by here: what is known takes no call.
                text = cell.source.constant if cell.source.column is None else record[cell.source.column]
                found = cell.known.get(text)
                if found is None:
                    found = self._understood(cell, text)
                if isinstance(found, list):
                    errors.extend(found)
                else:
                    row.update(found)
            self._fill(row, errors)
        row.update(self.own_partner)
        return {**row, "errors": errors} if errors else row

    def _fill(self, row: dict[str, Any], errors: list[tuple[str, str, str]]) -> None:
        """What the line leaves out: its partner's default, or the operator's."""
        for kind, missing in MISSING.items():
            column, partner = f"{kind}_id", row.get("partner_id")
            if column not in row:
                row[column] = self.stock.default(kind, partner) if partner else self.direct[column]
                if row[column] is None:
                    errors.append((kind, f"no_{kind.rpartition('_')[2]}", str(missing)))

    def _understood(self, cell: _Cell, text: str) -> dict[str, Any] | list[tuple[str, str, str]]:
        found = _understood(cell.target, cell.means, unguarded(text) if self.guarded else text)
        if len(cell.known) < KEPT:
            cell.known[text] = found
        return found


def _understood(target: str, cell: Cell, text: str) -> dict[str, Any] | list[tuple[str, str, str]]:
    if not text.strip():
        return [(target, "required", _("This field is required."))] if target in REQUIRED else {}
    try:
        return cell(text)
    except ValidationError as error:
        return [(target, one.code or "invalid", " ".join(one.messages)) for one in error.error_list]


def _ragged(found: int, expected: int) -> str:
    return _("Columns in this line: %(found)d; in the headings: %(expected)d.") % {"found": found, "expected": expected}


def _cell(target: str, actor: Actor) -> Cell:
    """How the text of this field is understood."""
    if target in SCOPES:
        return _named(f"{target}_id", SCOPES[target](actor))
    if target in SPECIAL:
        return SPECIAL[target]
    field = CustomerForm.base_fields.get(target)
    if field is None or isinstance(field, forms.BooleanField):
        return lambda text: {target: _flag(text)}
    return lambda text: {target: field.clean(text)}


def _named(column: str, rows: QuerySet[Any]) -> Cell:
    """Rows of the actor's own scope by name: another's are not there (peers 16)."""
    ids = dict(rows.values_list("name_key", "pk"))

    def cell(text: str) -> dict[str, Any]:
        if (pk := ids.get(name_key(text))) is None:
            message = _("%(name)s is none of those that may be chosen.") % {"name": text.strip()[:NAME_SHOWN]}
            raise ValidationError(message, code="not_found")
        return {column: pk}

    return cell


def _location(text: str) -> dict[str, Any]:
    city, _comma, state = text.rpartition(",") if "," in text else (text, "", "")
    clean = CustomerForm.base_fields["city"].clean
    return {"city": clean(city), "state": clean(state)}


def _choice(choices: Mapping[Any, Any], text: str) -> str:
    """A choice by its code or by the word that a page shows."""
    wanted = name_key(text)
    for code, word in choices.items():
        if wanted in (name_key(str(code)), name_key(str(word))):
            return str(code)
    raise ValidationError(UNKNOWN % {"text": text[:80]}, code="invalid_choice")


def _flag(text: str) -> bool:
    wanted = name_key(text)
    if wanted not in YES | NO:
        raise ValidationError(_("Write true or false."), code="wrong_type")
    return wanted in YES


def _services(text: str) -> dict[str, Any]:
    return {"services": [_choice(SERVICES, part) for part in re.split(r"[|,;]", text)]}


def _authentication(text: str) -> dict[str, Any]:
    return {"edge_authentication": _choice(AUTHENTICATION, text)}


SCOPES: dict[str, Callable[[Actor], QuerySet[Any]]] = {
    "partner": partners_for,
    "gateway_pool": gateway_pools_for,
    "operator_profile": creation.usable_profiles,
}
SPECIAL: dict[str, Cell] = {"location": _location, "services": _services, "edge_authentication": _authentication}
UNKNOWN = gettext_lazy("“%(text)s” is none of the choices.")
