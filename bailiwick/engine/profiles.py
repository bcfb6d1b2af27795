"""Which operator profiles a customer's administrators choose among: its default, and those assigned besides (10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from bailiwick.engine.handover import DROPPED, EVENT, KEPT
from bailiwick.engine.judge import NAMES_TOLD
from bailiwick.models import CustomerProfile, Edge, OperatorProfile, PartnerProfile

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.engine.batch import Batch
    from bailiwick.models import Customer

LOG = "CASE WHEN %(told)s::boolean OR c.partner_access THEN c.partner_id END"
TOUCH = "UPDATE bailiwick_customer SET version = version + 1, updated_at = %(now)s WHERE id IN (SELECT customer_id FROM"
WITHOUT, WITH = (f"jsonb_build_object('assigned_profile_id', {what})" for what in ("NULL", "g.profile"))
ASSIGN = (
    f"""
WITH given AS (
  INSERT INTO bailiwick_customerprofile (customer_id, partner_id, operator_profile_id)
  SELECT c.id, c.partner_id, %(profile)s FROM bailiwick_customer c WHERE c.id = ANY(%(ids)s) ORDER BY c.id
  RETURNING customer_id, operator_profile_id AS profile
), touched AS ({TOUCH} given))
"""
    + EVENT.format(name="%(event)s", partner=LOG, before=WITHOUT, after=WITH)
    + "FROM bailiwick_customer c JOIN given g ON g.customer_id = c.id"
)
KEEP = (
    """
WITH given AS (
  INSERT INTO bailiwick_customerprofile (customer_id, partner_id, operator_profile_id)
  SELECT c.id, c.partner_id, c.operator_profile_id FROM bailiwick_customer c
  WHERE c.id = ANY(%(ids)s) AND c.edge_image_management ORDER BY c.id ON CONFLICT DO NOTHING
  RETURNING customer_id, operator_profile_id AS profile
)
"""
    + EVENT.format(name="%(event)s", partner=LOG, before=WITHOUT, after=WITH)
    + "FROM bailiwick_customer c JOIN given g ON g.customer_id = c.id"
)
UNASSIGN = (
    f"""
WITH gone AS (
  DELETE FROM bailiwick_customerprofile p
  WHERE p.customer_id = ANY(%(ids)s) AND (%(profile)s::bigint IS NULL OR p.operator_profile_id = %(profile)s)
  RETURNING customer_id, operator_profile_id AS profile
), touched AS ({TOUCH} gone))
"""
    + EVENT.format(name="%(event)s", partner=LOG, before=WITH, after=WITHOUT)
    + "FROM bailiwick_customer c JOIN gone g ON g.customer_id = c.id AND g.profile <> c.operator_profile_id"
)


def has_assigned(profile_id: int) -> Q:
    """Customers whose administrators may choose the profile besides their default."""
    return Q(Exists(CustomerProfile.objects.filter(customer_id=OuterRef("pk"), operator_profile_id=profile_id)))


def partner_lacks(profile_id: int) -> Q:
    """Customers of a partner that cannot pass the profile on."""
    grants = PartnerProfile.objects.filter(partner_id=OuterRef("partner_id"), operator_profile_id=profile_id)
    return Q(partner_id__isnull=False) & ~Q(Exists(grants))


def edges_with(profile_id: int | None = None) -> QuerySet[Edge]:
    """The edges of a row of customers that have this profile of their own, or any but their customer's default."""
    own = Edge.objects.filter(customer_id=OuterRef("pk"), operator_profile_id__isnull=False).order_by("name_key")
    if profile_id is not None:
        return own.filter(operator_profile_id=profile_id)
    return own.exclude(operator_profile_id=F("customer__operator_profile_id"))


def names_of(edges: QuerySet[Edge]) -> ArraySubquery:
    """What the first of them are called, and one more so that it is known whether there are others."""
    return ArraySubquery(edges.values("name")[: NAMES_TOLD + 1])


def to_choose(customer: Customer) -> list[OperatorProfile]:
    """The default of a customer, and by name what is assigned to it besides."""
    besides = OperatorProfile.objects.filter(customers_besides__customer=customer)
    others = besides.exclude(pk=customer.operator_profile_id).select_related("image").order_by("name_key")
    return [customer.operator_profile, *others]


def assign(batch: Batch, profile_id: int) -> None:
    """The rows' administrators may choose the profile; their defaults stay as they are."""
    _execute(batch, ASSIGN, profile_id)


def keep_default(batch: Batch) -> None:
    """What is the default now may still be chosen when another one is, where the rows' administrators choose."""
    _execute(batch.telling(event=KEPT), KEEP, None)


def unassign(batch: Batch, profile_id: int) -> None:
    """They may choose it no more."""
    _execute(batch, UNASSIGN, profile_id)


def drop_all(batch: Batch) -> None:
    """They may choose none but their default; each that falls away is told besides what the job did."""
    _execute(batch.telling(event=DROPPED), UNASSIGN, None)


def _execute(batch: Batch, statement: str, profile_id: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**batch.event_parameters(), "ids": batch.rows.array, "profile": profile_id})
