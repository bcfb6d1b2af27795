"""Making customers by an action: the gates, what a row takes when nothing is said, and which names are taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import IntegrityError
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from bailiwick.access.actor import NotAllowed
from bailiwick.access.properties import value_for
from bailiwick.access.scope import every_living_customer, gateway_pools_for, operator_profiles_for
from bailiwick.access.wall import Beyond, beyond
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake.birth import bear
from bailiwick.engine.intake.stock import POOL, PROFILE, Stock
from bailiwick.engine.reasons import Problem
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.engine.intake.batch import InputBatch
    from bailiwick.models import Customer, GatewayPool, OperatorProfile

CLOSED = "ENTERPRISE_CREATION_DISABLED"
FEW_GATEWAYS = 2
# What a row carries besides columns.
INNER = frozenset({"line", "errors"})


class Unique(NamedTuple):
    """A column on whose normal form living customers are unique, and how to say that a value is taken."""

    column: str
    key: str
    code: str

    def sentence(self) -> str:
        """What is wrong, in words."""
        return {
            "name": _("Another customer has this name."),
            "account_number": _("Another customer has this account number."),
            "domain": _("Another customer has this domain."),
        }[self.column]


UNIQUE = (
    Unique("name", "name_key", "name_taken"),
    Unique("account_number", "account_key", "account_taken"),
    Unique("domain", "domain_key", "domain_taken"),
)


def require_open(actor: Actor) -> None:
    """Raises NotAllowed where the installation takes no more customers, from anybody or from partners (domain 2.1)."""
    if value_for(actor, "session.options.disableCreateEnterprise"):
        raise NotAllowed(_("Creating customers is switched off for this installation."), code=CLOSED)
    if actor.level == "partner" and value_for(actor, "session.options.disableCreateEnterpriseProxy"):
        raise NotAllowed(_("Creating customers is switched off for partners."), code=CLOSED)


def usable_profiles(actor: Actor) -> QuerySet[OperatorProfile]:
    """The profiles that a new customer may get: none whose software image is deprecated."""
    return operator_profiles_for(actor).exclude(image__deprecated=True).order_by("name_key")


def default_profile(actor: Actor) -> OperatorProfile | None:
    """The profile of a customer for whom none was chosen: its partner's default, or the one with the newest image."""
    if actor.partner_id:
        return (
            usable_profiles(actor).filter(pk=Stock([actor.partner_id]).default(PROFILE, actor.partner_id) or 0).first()
        )
    return usable_profiles(actor).order_by("-image__version", "id").first()


def default_pool(actor: Actor) -> GatewayPool | None:
    """The pool of a customer for whom none was chosen: its partner's default, or the operator's."""
    if actor.partner_id:
        return (
            gateway_pools_for(actor).filter(pk=Stock([actor.partner_id]).default(POOL, actor.partner_id) or 0).first()
        )
    return gateway_pools_for(actor).filter(partner=None).order_by("-is_default", "name_key").first()


def defaults(actor: Actor) -> dict[str, int]:
    """The pool and profile of rows that name none. Raises InvalidParams where the installation has none yet."""
    pool, profile = default_pool(actor), default_profile(actor)
    if pool is None:
        raise InvalidParams.one("gateway_pool", "no_pool", _("There is no gateway pool yet. Create one first."))
    if profile is None:
        message = _("There is no operator profile with a current software image. Create one first.")
        raise InvalidParams.one("operator_profile", "no_profile", message)
    return {"gateway_pool_id": pool.pk, "operator_profile_id": profile.pk}


def few_gateways(pool: GatewayPool) -> str | None:
    """A warning where the pool cannot give an edge a second gateway (domain 12.2), or None."""
    count = pool.gateways.count()
    if count >= FEW_GATEWAYS:
        return None
    message = _("The gateway pool %(pool)s has %(count)d gateways: edges will have no second one.")
    return message % {"pool": pool.name, "count": count}


def taken(rows: Sequence[Mapping[str, Any]], *, alone: bool = False) -> list[Problem]:
    """Which rows have a name, account number or domain that a living customer has, or that an earlier row took.

    Three queries for any number of rows; rows must come in the order of their lines. `alone`: not of each other.
    """
    keys = {unique: [name_key(row.get(unique.column) or "") for row in rows] for unique in UNIQUE}
    held = {unique: _held(unique, found) for unique, found in keys.items()}
    seen: dict[Unique, dict[str, int]] = {unique: {} for unique in UNIQUE}
    problems = []
    for row, *mine in zip(rows, *keys.values(), strict=True):
        found = [
            _problem(unique, row["line"], seen[unique].get(key))
            for unique, key in zip(UNIQUE, mine, strict=True)
            if key and (key in held[unique] or key in seen[unique])
        ]
        problems.extend(found)
        if not found and not alone:
            for unique, key in zip(UNIQUE, mine, strict=True):
                seen[unique][key] = row["line"]
    return problems


def _held(unique: Unique, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys that living customers hold."""
    among = RawSQL("SELECT jsonb_array_elements_text(%s::jsonb)", [json.dumps([key for key in keys if key])])
    living = every_living_customer().filter(**{f"{unique.key}__in": among})
    with beyond(Beyond.NAMING):
        return frozenset(living.values_list(unique.key, flat=True)) if any(keys) else frozenset()


def _problem(unique: Unique, line: int, earlier: int | None) -> Problem:
    if earlier is None:
        return Problem(line, unique.column, unique.sentence(), unique.code)
    because = _("The same as in line %(line)d.") % {"line": earlier}
    return Problem(line, unique.column, because, f"{unique.code.removesuffix('_taken')}_repeated")


def make(batch: InputBatch, rows: Sequence[Mapping[str, Any]]) -> list[Customer]:
    """Makes the customers of one chunk and their events, set-based; `line` is not a column and falls away."""
    customers = bear(rows, now=batch.now)
    batch.made(customers, [{name: value for name, value in row.items() if name not in INNER} for row in rows])
    return customers


class LostRace(IntegrityError):  # noqa: N818 -- reads as the sentence it is
    """A name was free when it was judged and is taken now: the engine judges the chunk anew."""
