"""Edge licences: which go together, giving them to customers, and to partners with their customers (domain 14.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from bailiwick import audit
from bailiwick.access.permissions import Permission
from bailiwick.access.scope import customers_for, edges_for
from bailiwick.engine.handover import EVENT
from bailiwick.engine.reasons import Problem
from bailiwick.models import ActivationState, CustomerLicence, Edge, LicenceEdition, LicenceType, PartnerLicence
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bailiwick.access.actor import Actor
    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer

LOG = "CASE WHEN %(told)s::boolean OR c.partner_access THEN c.partner_id END"
# One statement: what goes, what comes, and one event a customer with the names before and after. Edges whose type goes
# take the one that comes: where several come, or none, the action refuses it (`strands`).
REPLACE = (
    """
WITH before AS MATERIALIZED (
  SELECT c.id, coalesce(jsonb_agg(t.name ORDER BY t.name_key) FILTER (WHERE t.id IS NOT NULL), '[]') AS names
  FROM bailiwick_customer c LEFT JOIN bailiwick_customerlicence l ON l.customer_id = c.id
  LEFT JOIN bailiwick_licencetype t ON t.id = l.licence_type_id WHERE c.id = ANY(%(ids)s) GROUP BY c.id
), gone AS (
  DELETE FROM bailiwick_customerlicence WHERE customer_id = ANY(%(ids)s) AND licence_type_id <> ALL(%(types)s)
), given AS (
  INSERT INTO bailiwick_customerlicence (customer_id, partner_id, licence_type_id)
  SELECT c.id, c.partner_id, t.id FROM bailiwick_customer c, unnest(%(types)s::bigint[]) AS t (id)
  WHERE c.id = ANY(%(ids)s) ORDER BY c.id, t.id ON CONFLICT DO NOTHING
), followed AS (
  UPDATE bailiwick_edge SET licence_type_id = (%(types)s::bigint[])[1]
  WHERE customer_id = ANY(%(ids)s) AND licence_type_id <> ALL(%(types)s)
), touched AS (
  UPDATE bailiwick_customer SET version = version + 1, updated_at = %(now)s WHERE id = ANY(%(ids)s)
)
"""
    + EVENT.format(
        name="%(event)s",
        partner=LOG,
        before="jsonb_build_object('licences', b.names)",
        after="jsonb_build_object('licences', (SELECT coalesce(jsonb_agg(name ORDER BY name_key), '[]')"
        " FROM bailiwick_licencetype WHERE id = ANY(%(types)s)))",
    )
    + "FROM bailiwick_customer c JOIN before b ON b.id = c.id"
)
LIVING = (ActivationState.ACTIVATED, ActivationState.REACTIVATION_PENDING)
RANKS = {LicenceEdition.STANDARD: 0, LicenceEdition.ENTERPRISE: 1, LicenceEdition.PREMIUM: 2}


def conflict(types: Iterable[LicenceType]) -> tuple[str, str] | None:
    """Why a customer cannot have these together, as code and sentence (domain 14.4, NEW-13)."""
    editions = [each.edition for each in types]
    if LicenceEdition.POC in editions and len(editions) > 1:
        return "poc_exclusive", _("A POC licence stands alone: choose it without others.")
    if LicenceEdition.STANDARD in editions and {LicenceEdition.ENTERPRISE, LicenceEdition.PREMIUM} & {*editions}:
        return "editions_mixed", _("Standard goes with neither Enterprise nor Premium.")
    return None


def has_exactly(types: Sequence[LicenceType]) -> Q:
    """Customers that have these and no others."""
    ids = sorted(each.pk for each in types)
    mine = CustomerLicence.objects.filter(customer_id=OuterRef("pk")).order_by("licence_type_id")
    return Q(Exists(mine)) & _same(ids, mine) if ids else ~Q(Exists(mine))


def _same(ids: list[int], mine: Any) -> Q:
    others = Q(Exists(mine.exclude(licence_type_id__in=ids)))
    held = [Q(Exists(mine.filter(licence_type_id=pk))) for pk in ids]
    found = ~others
    for each in held:
        found &= each
    return found


def above(types: Sequence[LicenceType]) -> Q:
    """Customers with an edition that is above all of these: nobody goes down (domain 14.4)."""
    highest = max((RANKS.get(LicenceEdition(each.edition), -1) for each in types), default=len(RANKS))
    higher = [edition for edition, rank in RANKS.items() if rank > highest]
    held = CustomerLicence.objects.filter(customer_id=OuterRef("pk"), licence_type__edition__in=higher)
    return Q(Exists(held)) if higher else Q(pk__in=())


def strands(types: Sequence[LicenceType]) -> Q:
    """Customers with edges whose type would go, where no single other one could take its place."""
    if len(types) == 1:
        return Q(pk__in=())
    licensed = Edge.objects.filter(customer_id=OuterRef("pk"), licence_type__isnull=False)
    return Q(Exists(licensed.exclude(licence_type_id__in=[each.pk for each in types])))


def partner_lacks(types: Sequence[LicenceType]) -> Q:
    """Customers of a partner that may not give all of these."""
    found = Q(pk__in=())
    for each in types:
        grants = PartnerLicence.objects.filter(partner_id=OuterRef("partner_id"), licence_type_id=each.pk)
        found |= Q(partner_id__isnull=False) & ~Q(Exists(grants))
    return found


def names() -> ArraySubquery:
    """What a customer's licences are called, in order."""
    mine = CustomerLicence.objects.filter(customer_id=OuterRef("pk")).order_by("licence_type__name_key")
    return ArraySubquery(mine.values("licence_type__name"))


def replace(batch: Batch, types: Sequence[LicenceType]) -> None:
    """The rows have these and no others afterwards; one event each."""
    _execute(batch, REPLACE, {"types": [each.pk for each in types]})


def lacking(customer_ids: Sequence[int], partner_ids: Iterable[int]) -> dict[int, dict[int, list[str]]]:
    """By partner and customer the names of licences that the partner may not give yet."""
    rows = CustomerLicence.objects.filter(customer_id__in=customer_ids).order_by("licence_type__name_key")
    held = list(rows.values_list("customer_id", "licence_type_id", "licence_type__name"))
    granted = set(
        PartnerLicence.objects.filter(partner_id__in=list(partner_ids)).values_list("partner_id", "licence_type_id")
    )
    found: dict[int, dict[int, list[str]]] = {}
    for partner in set(partner_ids):
        for customer, pk, name in held:
            if (partner, pk) not in granted:
                found.setdefault(partner, {}).setdefault(customer, []).append(name)
    return found


def lacking_in(rows: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Rows whose partner may not give the licences that they name."""
    asked = {(row["partner_id"], pk) for row in rows if row["partner_id"] for pk in row.get("licence_ids", ())}
    held = PartnerLicence.objects.filter(partner_id__in={partner for partner, _pk in asked})
    missing = asked - set(held.values_list("partner_id", "licence_type_id")) if asked else asked
    message = _("Its partner may not give all of these: give them to the partner first.")
    wrong = [row for row in rows if any((row["partner_id"], pk) in missing for pk in row.get("licence_ids", ()))]
    return [Problem(row["line"], "licences", message, "licence_lacking") for row in wrong]


def born_with(customer: Customer, ids: Sequence[int]) -> None:
    """What a new customer has from the beginning."""
    owner = {"customer_id": customer.pk, "partner_id": customer.partner_id}
    CustomerLicence.objects.bulk_create(CustomerLicence(**owner, licence_type_id=pk) for pk in ids)


class Usage(NamedTuple):
    """How many customers have a type, and edges of theirs; of those how many are activated."""

    customers: int = 0
    edges: int = 0
    activated: int = 0


def usage(actor: Actor) -> dict[int, Usage]:
    """Of each type in the actor's portal (domain 14.4)."""
    rows = CustomerLicence.objects.filter(customer__in=customers_for(actor)).order_by()
    customers = dict(rows.values_list("licence_type_id").annotate(n=Count("customer_id")))
    edges = edges_for(actor).filter(licence_type__isnull=False).order_by().values_list("licence_type_id")
    live = Count("pk", filter=Q(activation_state__in=LIVING))
    held = {pk: counts for pk, *counts in edges.annotate(n=Count("pk"), live=live)}
    return {pk: Usage(n, *held.get(pk, (0, 0))) for pk, n in customers.items()}


def of_customer(customer: Customer) -> list[LicenceType]:
    """What it has."""
    return list(LicenceType.objects.filter(customers__customer=customer).order_by("name_key"))


def create(actor: Actor, values: Mapping[str, Any], *, now: datetime) -> LicenceType:
    """Makes a type known. Raises NotAllowed, ValidationError."""
    actor.require(Permission.LICENCE_MANAGE)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = LicenceType.objects.create(**values, name_key=name_key(values["name"]))
        except IntegrityError:
            message = _("There is a type of this name, or with these values, already.")
            raise ValidationError({"name": ValidationError(message, code="name_taken")}) from None
        audit.record(actor, "CREATE_LICENSE", subject=row.name, after=dict(values), at=now)
    return row


def _execute(batch: Batch, statement: str, more: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**batch.event_parameters(), "ids": batch.rows.array, **more})
