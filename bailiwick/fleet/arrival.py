"""Who knocks at the door for devices: whose edge a key or a certificate names, and nothing that the device says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import connection

from bailiwick.access.postgresql.base import Place
from bailiwick.access.wall import standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

WHOSE = "SELECT id, edge_id, customer_id, partner_id FROM bailiwick_device_arrival(%s, %s)"


class Refused(Exception):  # noqa: N818 -- reads as the sentence it is
    """The device gets nothing; the code is stable, the sentence is for whoever stands beside it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Whose(NamedTuple):
    """The row of the key or certificate, and the edge with its home."""

    row_id: int
    edge_id: int
    customer_id: int
    partner_id: int | None

    def inside(self) -> AbstractContextManager[None]:
        """Statements see this customer's rows and no others (docs/adr/0020)."""
        return standing(Place("bailiwick_customer", self.partner_id, self.customer_id))


def of_key(hashes: Sequence[str]) -> Whose | None:
    """Whose the key is; of customers in the bin nothing is known."""
    return _whose("key", hashes)


def of_certificate(fingerprint: str) -> Whose | None:
    """Whose the certificate is, whether it still counts or not."""
    return _whose("certificate", [fingerprint])


def _whose(what: str, hashes: Sequence[str]) -> Whose | None:
    with connection.cursor() as cursor:
        cursor.execute(WHOSE, [what, list(hashes)])
        found = cursor.fetchone()
    return Whose(*found) if found else None
