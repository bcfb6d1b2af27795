"""Handing customers from one owner to another: what hangs on the owner follows, set-based, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _

from bailiwick.audit import BETWEEN
from bailiwick.engine.judge import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bailiwick.engine.batch import Batch
    from bailiwick.engine.terms import Terms

# Row-level security and scopes compare plain columns, so each half of a customer carries its partner.
FOLLOW = """
WITH detail AS (UPDATE bailiwick_customerdetail SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     profiles AS (UPDATE bailiwick_customerprofile SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     objects AS (UPDATE bailiwick_configurationobject SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     named AS (UPDATE bailiwick_configurationreference SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     past AS (UPDATE bailiwick_configurationversion SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     licences AS (UPDATE bailiwick_customerlicence SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     stat AS (UPDATE bailiwick_customerstat SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     search AS (UPDATE bailiwick_customersearch SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     users AS (UPDATE bailiwick_user SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     factors AS (UPDATE bailiwick_factor SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     codes AS (UPDATE bailiwick_recoverycode SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     vouched AS (UPDATE bailiwick_identity SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     providers AS (UPDATE bailiwick_identityprovider SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     tokens AS (UPDATE bailiwick_token SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     confirmed AS (UPDATE bailiwick_confirmation SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     links AS (UPDATE bailiwick_link SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     role AS (UPDATE bailiwick_role SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     browser AS (UPDATE bailiwick_browser SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     device AS (UPDATE bailiwick_device SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     keys AS (UPDATE bailiwick_activationkey SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     certified AS (UPDATE bailiwick_devicecertificate SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     rolled AS (UPDATE bailiwick_rolloutedge SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     bundles AS (UPDATE bailiwick_diagnosticbundle SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     contact AS (UPDATE bailiwick_devicecontact SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)),
     former AS (UPDATE bailiwick_formerpassword SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s))
UPDATE bailiwick_edge SET partner_id = %(partner)s WHERE customer_id = ANY(%(ids)s)
"""
EVENT = """
INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id,
  partner_id, customer_id, subject, before, after)
SELECT %(now)s, {name}, 'CONFIGURATION', 'INFO', %(actor)s, %(actor_name)s, %(door)s, %(address)s, %(job)s,
  {partner}, c.id, c.name, {before}, {after}
"""
# In whose log it stands: the new partner's or the present one's, where it is let in (docs/adr/0022).
LOG = """CASE WHEN coalesce(%(lets_in)s::boolean, c.partner_access)
  THEN coalesce(%(partner)s::bigint, c.partner_id) END"""
DELEGATED = (
    EVENT.format(name="%(name)s", partner=LOG, before="NULL", after="NULL")
    + "FROM bailiwick_customer c WHERE c.id = ANY(%(ids)s) AND c.{column} <> %(value)s"
)
# Who gives a customer to somebody else, or deletes it, takes back what was offered of it.
WITHDRAW = (
    """
WITH gone AS (
  UPDATE bailiwick_transferoffer SET state = 'withdrawn', decided_at = %(now)s, decided_by = %(actor_name)s
  WHERE customer_id = ANY(%(ids)s) AND state = 'offered' RETURNING customer_id, partner_id
)
"""
    + EVENT.format(name="'ENTERPRISE_TRANSFER_WITHDRAWN'", partner="g.partner_id", before="NULL", after="NULL")
    + "FROM gone g JOIN bailiwick_customer c ON c.id = g.customer_id"
)
LACKING = """
NOT EXISTS (SELECT FROM bailiwick_gatewaypool g WHERE g.id = c.gateway_pool_id AND g.partner_id = %(partner)s)
AND NOT EXISTS (SELECT FROM bailiwick_partnerpool p
                WHERE p.partner_id = %(partner)s AND p.gateway_pool_id = c.gateway_pool_id)
"""
OWNED = "EXISTS (SELECT FROM bailiwick_gatewaypool g WHERE g.id = c.gateway_pool_id AND g.partner_id IS NOT NULL)"
MOVE = (
    """
WITH before AS MATERIALIZED (
  SELECT c.id, c.name, c.partner_id, c.partner_access, c.gateway_pool_id
  FROM bailiwick_customer c WHERE c.id = ANY(%(ids)s) AND {lacking}
), moved AS (
  UPDATE bailiwick_customer c SET gateway_pool_id = %(pool)s FROM before b WHERE c.id = b.id RETURNING c.id
)
"""
    + EVENT.format(
        name="'GATEWAY_POOL_ASSIGNED'",
        partner=LOG,
        before="jsonb_build_object('gateway_pool_id', c.gateway_pool_id)",
        after="jsonb_build_object('gateway_pool_id', %(pool)s::bigint)",
    )
    + "FROM before c JOIN moved USING (id)"
)
# What a transfer gives to the partner stands in its log, as an edit of the partner would.
GRANTED = """
WITH given AS ({grant} RETURNING partner_id, {what}_id)
INSERT INTO bailiwick_event (at, name, category, severity, actor_id, actor_name, door, address, job_id,
  partner_id, customer_id, subject, before, after)
SELECT %(now)s, 'UPDATE_ENTERPRISE_PROXY', 'ENTERPRISE', 'INFO', %(actor)s, %(actor_name)s, %(door)s, %(address)s,
  %(job)s, p.id, NULL, p.name, NULL, jsonb_build_object('{what}s', jsonb_agg(r.name ORDER BY r.name_key))
FROM given g JOIN bailiwick_partner p ON p.id = g.partner_id JOIN bailiwick_{table} r ON r.id = g.{what}_id
GROUP BY p.id, p.name
"""
SHARE_POOLS = """
INSERT INTO bailiwick_partnerpool (partner_id, gateway_pool_id, is_default)
SELECT DISTINCT %(partner)s::bigint, c.gateway_pool_id, false FROM bailiwick_customer c
WHERE c.id = ANY(%(ids)s) AND {lacking} ORDER BY 2 ON CONFLICT DO NOTHING
"""
ASSIGN_PROFILES = """
INSERT INTO bailiwick_partnerprofile (partner_id, operator_profile_id, is_default)
SELECT DISTINCT %(partner)s::bigint, profile, false FROM (
  SELECT operator_profile_id FROM bailiwick_customer WHERE id = ANY(%(ids)s)
  UNION ALL SELECT operator_profile_id FROM bailiwick_customerprofile WHERE customer_id = ANY(%(ids)s)
) AS used (profile) ORDER BY 2 ON CONFLICT DO NOTHING
"""
GIVE_LICENCES = """
INSERT INTO bailiwick_partnerlicence (partner_id, licence_type_id)
SELECT DISTINCT %(partner)s::bigint, licence_type_id FROM bailiwick_customerlicence
WHERE customer_id = ANY(%(ids)s) ORDER BY 2 ON CONFLICT DO NOTHING
"""
HAVE_PARTNER = """
SELECT count(*), coalesce(array_agg(id ORDER BY id), '{}')::text FROM bailiwick_customer
WHERE id = ANY(%(ids)s) AND partner_id IS NOT NULL
"""
DELEGATIONS = {
    "operator_access": "OPERATOR_ACCESS",
    "partner_access": "PROXY_ACCESS",
    "operator_user_management": "OPERATOR_USER_MGMT",
}

DROPPED, KEPT = "OPERATOR_PROFILE_DROPPED", "OPERATOR_PROFILE_KEPT"
# Events that stand beside the one that tells what a job did to a customer (domain 8.2 and 8.3).
BESIDE = (
    *(f"ENTERPRISE_{way}_{name}" for name in DELEGATIONS.values() for way in ("ENABLE", "DISABLE")),
    "GATEWAY_POOL_ASSIGNED",
    "ENTERPRISE_TRANSFER_ACCEPTED",
    "ENTERPRISE_TRANSFER_WITHDRAWN",
    DROPPED,
    KEPT,
    "UPDATE_ENTERPRISE_PROXY",
)


def event_of(delegation: str, *, granted: bool) -> str:
    """The event of a delegation that is given or withdrawn (domain 15.2)."""
    return f"ENTERPRISE_{'ENABLE' if granted else 'DISABLE'}_{DELEGATIONS[delegation]}"


def tell_delegations(batch: Batch, partner_id: int | None = None, **delegations: bool) -> None:
    """One event for each row and delegation that will differ, in the partner's log too: before the rows are changed."""
    for column, value in delegations.items():
        name = event_of(column, granted=value)
        lets_in = name in BETWEEN or delegations.get("partner_access")
        told = {"name": name, "value": value, "partner": partner_id, "lets_in": lets_in}
        _execute(batch, DELEGATED.format(column=column), told)


def move_pools(batch: Batch, *, partner_id: int, pool_id: int, lets_in: bool) -> None:
    """Rows in a pool that the partner has not move to the given one, each with an event."""
    _execute(batch, MOVE.format(lacking=LACKING), {"partner": partner_id, "pool": pool_id, "lets_in": lets_in})


def leave_partners_pools(batch: Batch, *, pool_id: int) -> None:
    """Rows in a pool that a partner owns move to the given one, each with an event."""
    _execute(batch, MOVE.format(lacking=OWNED), {"partner": None, "pool": pool_id, "lets_in": None})


def share_pools(batch: Batch, partner_id: int) -> None:
    """The partner may use the pools in which the rows are."""
    grant = SHARE_POOLS.format(lacking=LACKING)
    statement = GRANTED.format(grant=grant, what="gateway_pool", table="gatewaypool")
    _execute(batch, statement, {"partner": partner_id})


def assign_profiles(batch: Batch, partner_id: int) -> None:
    """The partner may pass on the profiles that the rows use."""
    statement = GRANTED.format(grant=ASSIGN_PROFILES, what="operator_profile", table="operatorprofile")
    _execute(batch, statement, {"partner": partner_id})


def give_licences(batch: Batch, partner_id: int) -> None:
    """The partner may give the licences that the rows have: the preview said so (domain 8.2)."""
    statement = GRANTED.format(grant=GIVE_LICENCES, what="licence_type", table="licencetype")
    _execute(batch, statement, {"partner": partner_id})


def withdraw_offers(batch: Batch) -> None:
    """Closes what is offered of the rows, each with an event in the log of the partner that was asked."""
    _execute(batch, WITHDRAW, {})


def follow_owner(batch: Batch, partner_id: int | None) -> None:
    """Details, counters, search texts, edges, users and what is theirs carry the new owner; older offers are void."""
    withdraw_offers(batch)
    _execute(batch, FOLLOW, {"partner": partner_id})


def leave_log(batch: Batch) -> None:
    """The job by which a customer shuts its partner out is not the partner's to read either."""
    _execute(batch, "UPDATE bailiwick_job SET partner_id = NULL WHERE id = %(job)s AND customer_id IS NOT NULL", {})


def let_go(batch: Batch) -> None:
    """The rows become the operator's own: the last that stands in their partner's log."""
    tell_delegations(batch, partner_access=False)
    batch.update(partner_id=None, partner_access=False)


def hand_over(batch: Batch, partner_id: int, terms: Terms) -> None:
    """A release where there is a partner, and a transfer (domain 8.2); what the new partner lacks comes first."""
    if (owned := _owned(batch)).count:
        # The old partner reads that the operator took it: not who, nor in which job, nor who accepted it.
        who = {"actor": None, "actor_name": _("the operator"), "address": "", "door": "", "job": None}
        let_go(batch.among(owned).telling(event="ENTERPRISE_RELEASED", **who))
    if terms.missing_pool == "move" and terms.gateway_pool_id:
        move_pools(batch, partner_id=partner_id, pool_id=terms.gateway_pool_id, lets_in=terms.partner_access)
    elif terms.missing_pool == "share":
        share_pools(batch, partner_id)
    if terms.add_profiles:
        assign_profiles(batch, partner_id)
    give_licences(batch, partner_id)
    tell_delegations(batch, partner_id, **terms.delegations)
    batch.update(log=partner_id, partner_id=partner_id, **terms.delegations)
    follow_owner(batch, partner_id)


def _owned(batch: Batch) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(HAVE_PARTNER, {"ids": batch.rows.array})
        return Rows(*cursor.fetchone())


def _execute(batch: Batch, statement: str, more: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**batch.event_parameters(), "ids": batch.rows.array, **more})
