"""A customer's configuration copied to new customers: set-based, by a list of kinds that may travel (domain 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from bailiwick.engine.configuration.kinds import BLOCKERS, KINDS, Travels
from bailiwick.engine.configuration.outside import leave_to_choose
from bailiwick.models import ConfigurationObject, Customer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from bailiwick.engine.intake.batch import InputBatch

NOT_CLONEABLE = "NOT_CLONEABLE"
# Objects refer to each other by ids of their own, so the copies need no other ones, nor does what stands in them.
COPY = """
INSERT INTO bailiwick_configurationobject
  (customer_id, partner_id, local_id, kind, parent_id, name, name_key, position, body, blocker, updated_at)
SELECT n.id, n.partner_id, o.local_id, o.kind, o.parent_id, o.name, o.name_key, o.position, o.body, o.blocker, %(now)s
FROM bailiwick_customer n, bailiwick_configurationobject o
WHERE n.id = ANY(%(to)s) AND o.customer_id = %(source)s AND o.kind = ANY(%(kinds)s)
"""
# A session keeps the plans by which it looks keys up. Those of a time when the table was small read all of it for each
# row: 54,000 copies took 100 s instead of 1.
FEW = 10
KEYS_BY_INDEX = "DISCARD PLANS; SET LOCAL enable_seqscan = off"
COPY_REFERENCES = """
INSERT INTO bailiwick_configurationreference (customer_id, partner_id, from_id, to_id)
SELECT n.id, n.partner_id, r.from_id, r.to_id FROM bailiwick_customer n, bailiwick_configurationreference r
WHERE n.id = ANY(%(to)s) AND r.customer_id = %(source)s AND NOT EXISTS (SELECT FROM bailiwick_configurationobject o
  WHERE o.customer_id = %(source)s AND o.edge_id IS NOT NULL AND o.local_id = r.from_id)
"""


class Blocker(NamedTuple):
    """Why a customer is no template, how many objects say so, and one of them to look at."""

    code: str
    because: str
    number: int
    objects: Sequence[tuple[int, str]]


class Report(NamedTuple):
    """What was copied and what was left out, by kind; `emptied`: references that led out of the configuration."""

    copied: Mapping[str, int]
    left_out: Mapping[str, int]
    emptied: Sequence[str]


def blockers_of(customer_id: int, *, listed: int = 5) -> list[Blocker]:
    """Everything that keeps the customer from being a template, all at once (domain 3.4)."""
    mine = ConfigurationObject.objects.filter(customer_id=customer_id).exclude(blocker="")
    counts = dict(mine.order_by().values_list("blocker").annotate(n=Count("local_id")))
    named: dict[str, list[tuple[int, str]]] = {}
    for code, local_id, name in mine.order_by("local_id").values_list("blocker", "local_id", "name")[:1_000]:
        named.setdefault(code, []).append((local_id, name))
    return [
        Blocker(code, str(because), counts[code], named.get(code, [])[:listed])
        for code, because in BLOCKERS.items()
        if code in counts
    ]


def blocked(customer_ids: Collection[int]) -> dict[int, str]:
    """Of these customers, those that cannot be cloned as they are, with all the reasons."""
    mine = ConfigurationObject.objects.filter(customer_id__in=customer_ids).exclude(blocker="")
    found: dict[int, list[str]] = {}
    for customer_id, code in mine.order_by("blocker").values_list("customer_id", "blocker").distinct():
        found.setdefault(customer_id, []).append(str(BLOCKERS[code]))
    return {customer_id: " ".join(reasons) for customer_id, reasons in found.items()}


def hold(customer_id: int) -> bool:
    """Keeps everybody from changing the template until the transaction ends; False where it is gone."""
    held = Customer.objects.filter(pk=customer_id, deleted_at=None).values_list("pk")
    with connection.cursor() as cursor:
        sql, params = held.query.sql_with_params()
        cursor.execute(f"{sql} FOR SHARE", params)
        return bool(cursor.fetchall())


def travelling(asked: Collection[str]) -> list[str]:
    """The kinds that are copied, with those on request that were asked for."""
    return [
        kind.slug
        for kind in KINDS.values()
        if kind.travels is Travels.ALWAYS or (kind.travels is Travels.ON_REQUEST and kind.slug in asked)
    ]


def copy(batch: InputBatch, source_id: int, *, asked: Collection[str]) -> None:
    """Gives the chunk's new customers equal objects, and the job a report. The source is held."""
    report = copy_to(source_id, [customer.pk for customer in batch.created], asked=asked, now=batch.now)
    batch.report = {"template": source_id, **report._asdict()}


def copy_to(source_id: int, to: Sequence[int], *, asked: Collection[str], now: datetime) -> Report:
    """Copies set-based, in the caller's transaction."""
    kinds = travelling(asked)
    parameters: dict[str, Any] = {"source": source_id, "to": list(to), "kinds": kinds, "now": now}
    with connection.cursor() as cursor:
        if len(to) > FEW:
            cursor.execute(KEYS_BY_INDEX)
        cursor.execute(COPY, parameters)
        cursor.execute(COPY_REFERENCES, parameters)
        if len(to) > FEW:
            cursor.execute("SET LOCAL enable_seqscan = on")
    emptied = leave_to_choose(source_id, to)
    counts = counts_of(source_id)
    copied = {kind: n for kind, n in counts.items() if kind in kinds}
    return Report(copied, {kind: n for kind, n in counts.items() if kind not in kinds}, emptied)


def told(template: Customer, asked: Collection[str]) -> list[str]:
    """What a preview says of the copy: how much of each kind, and what stays behind."""
    counts, kinds = counts_of(template.pk), travelling(asked)
    copied = _listed({kind: n for kind, n in counts.items() if kind in kinds})
    left = _listed({kind: n for kind, n in counts.items() if kind not in kinds})
    sentences = [
        _("Copied from %(name)s: %(what)s.") % {"name": template.name, "what": copied or _("nothing, it has none")},
        _("Not copied: %(what)s.") % {"what": left} if left else "",
        _("Never copied: edges, users, tokens, events, certificates, licences in use, the partner."),
    ]
    return [sentence for sentence in sentences if sentence]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{KINDS[slug].label} ({n:,})" for slug, n in counts.items())


def counts_of(customer_id: int) -> dict[str, int]:
    """How many objects of each kind, in the order of the page."""
    mine = ConfigurationObject.objects.filter(customer_id=customer_id).order_by()
    found = dict(mine.values_list("kind").annotate(n=Count("local_id")))
    return {slug: found[slug] for slug in KINDS if slug in found}
