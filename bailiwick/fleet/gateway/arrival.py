"""Which gateway knocks at the door for devices: a key or a certificate names it, and nothing that the device says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from bailiwick.access.postgresql.base import Place
from bailiwick.access.wall import standing
from bailiwick.fleet.arrival import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

WHOSE = "SELECT id, gateway_id, partner_id FROM bailiwick_gateway_arrival(%s, %s)"


class Whose(NamedTuple):
    """The row of the key or certificate, and the gateway with its owner."""

    row_id: int
    gateway_id: int
    partner_id: int | None

    def inside(self) -> AbstractContextManager[None]:
        """Statements see what its owner sees (docs/adr/0020)."""
        place = Place("bailiwick_partner", self.partner_id) if self.partner_id else Place("bailiwick_operator")
        return standing(place)


def of_key(hashes: Sequence[str]) -> Whose | None:
    """Whose the key is."""
    return _whose("key", hashes)


def of_certificate(fingerprint: str) -> Whose:
    """Whose the certificate is, whether it still counts or not. Raises Refused."""
    found = _whose("certificate", [fingerprint])
    if found is None:
        raise Refused("unknown_certificate", _("This certificate belongs to no gateway."))
    return found


def _whose(what: str, hashes: Sequence[str]) -> Whose | None:
    with connection.cursor() as cursor:
        cursor.execute(WHOSE, [what, list(hashes)])
        found = cursor.fetchone()
    return Whose(*found) if found else None
