"""What an edge is told: its gateways, its configuration, the software that it should run, what it should tell."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from bailiwick.access.prepared import rows
from bailiwick.fleet.arrival import Whose
from bailiwick.models import DeviceContact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from bailiwick.models import Edge

GATEWAYS = 3
# Who may serve an edge (domain 12.3, 1): a quiesced gateway those that it had, one that waits for its device none.
SERVES = """(g.state = 'IN_SERVICE' OR (g.state = 'QUIESCED' AND e.activated_at < g.quiesced_at))
      AND 'DATA_PLANE' = ANY(g.roles) AND g.activation_state <> 'PENDING'
      AND CASE o.hand_off WHEN 'NONE' THEN NOT 'ON_PREMISE' = ANY(g.roles)
        WHEN 'ONLY' THEN 'ON_PREMISE' = ANY(g.roles) ELSE true END"""
# A gateway that goes moves only the edges that had it: each edge orders all of them by a hash of both names. What took
# the place of another (domain 12.4) stands there for the edges which that one had.
HASH = "sha256(({}.logical_id::text || e.logical_id::text)::bytea)"
RANK = f"""least({HASH.format("g")}, (SELECT {HASH.format("r")} AS place FROM bailiwick_gateway r
      WHERE r.replacement_id = g.id AND r.state = 'OUT_OF_SERVICE' AND e.activated_at < r.quiesced_at
      ORDER BY place LIMIT 1))"""
COLUMNS = f"""
  e.logical_id, s.parent_id, s.reach, f.reach,
  p.heartbeat_seconds, p.logical_id, p.version, i.logical_id, i.name, i.version, i.build_number, i.sha256, i.size,
  (SELECT to_jsonb(b) FROM (SELECT b.logical_id AS id, b.kind, b.interface, b.seconds FROM bailiwick_diagnosticbundle b
    WHERE b.edge_id = e.id AND b.state = 'requested' AND (b.kind = 'plain' OR NOT EXISTS (
      SELECT FROM bailiwick_customerdetail d WHERE d.customer_id = b.customer_id AND d.pci_compliance)) LIMIT 1) b),
  (SELECT coalesce(jsonb_agg(g), '[]') FROM (
    SELECT g.logical_id AS id, g.name, host(g.address) AS address,
      CASE WHEN g.state = 'QUIESCED' THEN g.deadline END AS until,
      CASE WHEN g.state = 'QUIESCED' THEN (SELECT jsonb_build_object('id', r.logical_id, 'name', r.name,
        'address', host(r.address)) FROM bailiwick_gateway r WHERE r.id = g.replacement_id) END AS replacement
    FROM bailiwick_gateway_pools m JOIN bailiwick_gateway g ON g.id = m.gateway_id
      JOIN bailiwick_gatewaypool o ON o.id = m.gatewaypool_id
    WHERE m.gatewaypool_id = c.gateway_pool_id AND {SERVES}
    ORDER BY {RANK} LIMIT {GATEWAYS}) g)"""
JOINS = """JOIN bailiwick_customer c ON c.id = e.customer_id
JOIN bailiwick_operatorprofile p ON p.id = coalesce(e.operator_profile_id, c.operator_profile_id)
LEFT JOIN bailiwick_softwareimage i ON i.id = coalesce(e.ordered_image_id, p.image_id)
LEFT JOIN bailiwick_configurationobject s ON s.customer_id = e.customer_id AND s.edge_id = e.id
LEFT JOIN bailiwick_configurationobject f ON f.customer_id = e.customer_id AND f.local_id = s.parent_id"""
FIND = f"SELECT {COLUMNS} FROM bailiwick_edge e {JOINS} WHERE e.id = %s"


class Image(NamedTuple):
    """The software that the edge's operator profile brings, or an open roll-out of it."""

    id: UUID
    name: str
    version: str
    build_number: str
    sha256: str
    size: int


class Assignment(NamedTuple):
    """As it stands now."""

    edge: UUID
    reach: tuple[int | None, ...]
    heartbeat_seconds: int
    profile: UUID
    profile_version: int
    image: Image | None
    bundle: dict[str, Any] | None
    gateways: list[dict[str, Any]]

    @property
    def orders(self) -> dict[str, Any]:
        """What the orchestrator itself wants; the other part of the document is the customer's configuration."""
        return {
            "heartbeat_seconds": self.heartbeat_seconds,
            "operator_profile": {"id": str(self.profile), "version": self.profile_version},
            "gateways": self.gateways,
        }

    @property
    def version(self) -> str:
        """Another one for each other document: of the customer's part its numbers are enough (ADR 31)."""
        told = json.dumps([self.orders, self.reach], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def assignment_of(edge_id: int) -> Assignment:
    """What holds for this edge; its own operator profile, or its customer's (domain 10.1)."""
    return assignment(rows(FIND, (edge_id,))[0])


class Running(NamedTuple):
    """Which configuration the device of an edge says that it runs; `since` it has said that."""

    version: str
    present: str
    since: datetime | None

    @property
    def is_present(self) -> bool:
        """Whether nothing newer waits for it."""
        return self.version == self.present


def running(edge: Edge) -> Running | None:
    """None: its device was not heard yet, or says nothing of it."""
    contact = DeviceContact.objects.filter(edge=edge).first()
    if contact is None or not contact.configuration_version:
        return None
    with Whose(0, edge.pk, edge.customer_id, edge.partner_id).inside():  # what its device would be told
        present = assignment_of(edge.pk).version
    return Running(contact.configuration_version, present, contact.configured_at)


def assignment(found: Sequence[Any]) -> Assignment:
    """Of the columns above."""
    edge, chosen, own, below, seconds, profile, version, *image, bundle, gateways = found
    return Assignment(
        edge, (chosen, own, below), seconds, profile, version, Image(*image) if image[0] else None, bundle, gateways
    )
