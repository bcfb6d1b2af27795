"""The names of partners, gateway pools and operator profiles: kept in the process, current in every process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from django.db import connection

from bailiwick.access.scope import gateway_pools_for, operator_profiles_for
from bailiwick.models import GatewayPool, OperatorProfile, Partner

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from bailiwick.access.actor import Actor

# Triggers give this row a new value in the transaction that changes a name (migration names). A list reads it in
# its own statement, so a renamed partner is seen by every process at once and nobody asks three tables for each page.
VERSION = "(SELECT version FROM bailiwick_namesversion)"


@dataclass(frozen=True, slots=True)
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


def naming(actor: Actor) -> Callable[[], Names]:
    """Looks the names up when the first id is to be shown, and once: most pages show none."""
    return cache(partial(names_for, actor))


def names_for(actor: Actor) -> Names:
    """The names that this actor may read: of a partner its own, and those of the pools and profiles it may give."""
    every = names()
    if actor.is_operator:
        return every
    pools, profiles = (
        {*rows(actor).values_list("pk", flat=True)} for rows in (gateway_pools_for, operator_profiles_for)
    )
    return Names(
        every.version,
        {pk: name for pk, name in every.partners.items() if pk == actor.partner_id},
        {pk: name for pk, name in every.pools.items() if pk in pools},
        {pk: name for pk, name in every.profiles.items() if pk in profiles},
    )


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
