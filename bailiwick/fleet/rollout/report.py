"""How far a roll-out is: its edges by wave and step, and those of its failures that the actor may know by name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count

from bailiwick.access.rollouts import rollout_edges_for
from bailiwick.models import RolloutEdge, RolloutStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bailiwick.access.actor import Actor
    from bailiwick.models import Rollout

FEW = 100
TROUBLED = (RolloutStep.FAILED, RolloutStep.SKIPPED)


class Wave(NamedTuple):
    """One wave in numbers."""

    number: int
    edges: int
    steps: dict[str, int]


def counts_of(rollouts: Iterable[Rollout]) -> dict[int, dict[int, dict[str, int]]]:
    """By roll-out, wave and step, of several roll-outs in one question."""
    wanted = [each.pk for each in rollouts]
    counted: dict[int, dict[int, dict[str, int]]] = {key: {} for key in wanted}
    rows = RolloutEdge.objects.filter(rollout_id__in=wanted).order_by()
    for key, wave, step, number in rows.values_list("rollout_id", "wave", "step").annotate(n=Count("pk")):
        counted[key].setdefault(wave, {})[step] = number
    return counted


def waves_of(rollout: Rollout) -> list[Wave]:
    """Every wave, in their order, also one without an edge."""
    counted = counts_of([rollout])[rollout.pk]
    found = [(number, counted.get(number, {})) for number in range(1, rollout.waves + 1)]
    return [Wave(number, sum(steps.values()), steps) for number, steps in found]


def total(steps: Iterable[Mapping[str, int]]) -> Counter[str]:
    """The steps of all waves together."""
    return sum(map(Counter, steps), Counter())


def troubled(actor: Actor, rollout: Rollout) -> list[RolloutEdge]:
    """The first edges that failed or were left out, of customers that let the actor in."""
    rows = rollout_edges_for(actor, rollout).filter(step__in=TROUBLED).select_related("edge__customer")
    return list(rows.order_by("step", "-ended_at", "pk")[:FEW])
