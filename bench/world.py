"""The installation that is measured: seeded customers and edges, and an operator who acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.db import connection

from bailiwick.access.actor import Actor
from bailiwick.access.wall import OUTSIDE, standing
from bailiwick.models import Customer, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.size import Size


@dataclass(frozen=True, slots=True)
class World:
    """What every scenario is given."""

    size: Size
    actor: Actor
    first: int
    last: int
    seconds_to_load: float


def prepare(size: Size, *, seconds_to_load: float) -> World:
    """Makes the operator and looks up which customers there are."""
    user = User.objects.filter(email_key="bench@operator.example").first() or User.objects.create(
        email="bench@operator.example",
        email_key="bench@operator.example",
        level="operator",
        role="superuser",
        password="!",
    )
    execute("SET max_parallel_workers_per_gather = 0")
    ids = Customer.objects.order_by("pk")
    return World(
        size=size,
        actor=Actor.of(user, door="shell"),
        first=ids.values_list("pk", flat=True)[0],
        last=ids.values_list("pk", flat=True)[size.customers - 1],
        seconds_to_load=seconds_to_load,
    )


def seed(size: Size) -> None:
    """Loads the size's customers and edges."""
    call_command("seed", customers=size.customers, edges=size.edges)


def execute(statement: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> list[Any]:
    """Runs a raw statement on Django's connection; returns its rows, if it has some."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def settle(*tables: str) -> None:
    """Vacuums, so that every contender starts from tables in the same state."""
    if not connection.in_atomic_block:
        with standing(OUTSIDE):
            execute(f"VACUUM {', '.join(f'bailiwick_{table}' for table in tables)}")
