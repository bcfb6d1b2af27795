"""The names of partners, gateway pools and operator profiles: kept in the process, current in every process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django.db import connection

from bailiwick.access.scope import gateway_pools_for, operator_profiles_for
from bailiwick.access.wall import Beyond, beyond
from bailiwick.models import GatewayPool, OperatorProfile, Partner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from bailiwick.access.actor import Actor

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
    # By column: the names' normal forms, in their order.
    keys: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


_kept: Names | None = None


def names(version: UUID | None = None) -> Names:
    """The names of `version`, or of the version that the database has now."""
    global _kept  # noqa: PLW0603 -- one immutable object, replaced whole: threads see the old or the new one
    current = version or _version()
    if _kept is None or _kept.version != current:
        # The version is older than the names read after it: a change in between is seen at the next look.
        with beyond(Beyond.NAMING):
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


def named(known: Names, column: str, values: Sequence[Any]) -> list[Any]:
    """Keys whose first is the id of a partner, pool or profile: with the normal form of its name in its stead."""
    return [known.keys[column].get(values[0], ""), *values[1:]]


def kept_names() -> Names:
    """The names as this process knows them, without a look at the database unless there are none yet."""
    return _kept or names()


def _version() -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {VERSION}")
        version: UUID = cursor.fetchone()[0]
    return version


def _read(version: UUID) -> Names:
    rows = {
        column: list(model.objects.order_by("name_key").values_list("id", "name", "name_key"))
        for column, model in (
            ("partner", Partner),
            ("gateway_pool", GatewayPool),
            ("operator_profile", OperatorProfile),
        )
    }
    partners, pools, profiles = ({key: name for key, name, _key in found} for found in rows.values())
    keys = {column: {key: name_key for key, _name, name_key in found} for column, found in rows.items()}
    return Names(version, partners, pools, profiles, keys)
