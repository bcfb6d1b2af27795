"""The names of partners, gateway pools and operator profiles: kept in the process, current in every process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from bailiwick.models import GatewayPool, OperatorProfile, Partner

if TYPE_CHECKING:
    from uuid import UUID

# Triggers give this row a new value in the transaction that changes a name (migration names). A list reads it in
# its own statement, so a renamed partner is seen by every process at once and nobody asks three tables for each page.
VERSION = "(SELECT version FROM bailiwick_namesversion)"


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What ids are called, as of one version."""

    version: UUID
    partners: dict[int, str]
    pools: dict[int, str]
    profiles: dict[int, str]


_kept: Names | None = None


def names(version: UUID | None = None) -> Names:
    """The names of `version`, or of the version that the database has now."""
    global _kept  # noqa: PLW0603 -- one immutable object, replaced whole: threads see the old or the new one
    current = version or _version()
    if _kept is None or _kept.version != current:
        # The version is older than the names read after it: a change in between is seen at the next look.
        _kept = _read(current)
    return _kept


def _version() -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {VERSION}")
        version: UUID = cursor.fetchone()[0]
    return version


def _read(version: UUID) -> Names:
    return Names(
        version,
        dict(Partner.objects.values_list("id", "name")),
        dict(GatewayPool.objects.values_list("id", "name")),
        dict(OperatorProfile.objects.values_list("id", "name")),
    )
