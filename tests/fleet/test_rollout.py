"""Roll-outs in waves: the canary first, halted by failures, windows of each edge's own place, taken back."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine import operator_profiles, software_images
from bailiwick.engine.operator_profiles import Draft
from bailiwick.engine.submit import submit
from bailiwick.fleet.assignment import assignment_of
from bailiwick.fleet.rollout import command
from bailiwick.fleet.rollout.advance import advance
from bailiwick.fleet.rollout.begin import begin
from bailiwick.fleet.rollout.report import waves_of
from bailiwick.fleet.rollout.terms import Terms, plan
from bailiwick.fleet.rollout.window import is_within, zone_of
from bailiwick.models import (
    DeviceContact,
    Edge,
    Event,
    OperatorProfile,
    Rollout,
    RolloutEdge,
    SoftwareImage,
)
from tests.world import NOW, World

TERMS = Terms(2, [50, 100], 10, 1, 30, None, None)
OLD = "5.2.0"


@pytest.fixture
def image() -> SoftwareImage:
    return SoftwareImage.objects.create(name="Edge", version="5.4.0", sha256="ab" * 32, size=9)


@pytest.fixture
def edges(world: World) -> list[Edge]:
    """Twenty that run the old software and were heard just now."""
    made = world.edges(world.contoso, 20)
    Edge.objects.update(software_version=OLD, activation_state="ACTIVATED")
    DeviceContact.objects.bulk_create(
        DeviceContact(
            edge=edge, customer_id=edge.customer_id, partner_id=edge.partner_id, at=NOW, seconds=30,
            software_version=OLD,
        )
        for edge in made
    )  # fmt: skip
    return made


def started(world: World, image: SoftwareImage, **other: Any) -> Rollout:
    return begin(world.actor(world.olga), world.profile, image, TERMS._replace(**other), now=NOW)


def steps(rollout: Rollout) -> list[dict[str, int]]:
    return [wave.steps for wave in waves_of(Rollout.objects.get(pk=rollout.pk))]


def ordered() -> set[int]:
    return set(Edge.objects.filter(ordered_image__isnull=False).values_list("pk", flat=True))


def come_back(now: datetime, version: str = "5.4.0", *, but: int = 0) -> None:
    """All that were ordered to, but so many."""
    rows = RolloutEdge.objects.filter(step="ordered").order_by("edge_id").values_list("edge_id", flat=True)
    DeviceContact.objects.filter(edge_id__in=list(rows)[but:]).update(software_version=version, at=now)


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_it_goes_from_the_canary_to_all_and_then_the_profile_brings_the_image(
    world: World, image: SoftwareImage, edges: list[Edge]
) -> None:
    rollout = started(world, image)
    assert steps(rollout) == [{"waiting": 2}, {"waiting": 8}, {"waiting": 10}]
    advance(NOW)
    assert (steps(rollout)[0], len(ordered())) == ({"ordered": 2}, 2)
    first = ordered().pop()
    assert assignment_of(first).image.version == "5.4.0"  # type: ignore[union-attr]
    waiting = next(edge.pk for edge in edges if edge.pk not in ordered())
    assert assignment_of(waiting).image.version == OLD  # type: ignore[union-attr]

    come_back(after(1))
    advance(after(1))
    advance(after(10))
    assert steps(rollout) == [{"done": 2}, {"waiting": 8}, {"waiting": 10}]
    advance(after(11))
    assert steps(rollout)[1] == {"ordered": 8}
    come_back(after(12))
    advance(after(12))
    advance(after(22))
    come_back(after(23))
    advance(after(23))
    rollout.refresh_from_db()
    world.profile.refresh_from_db()
    assert (rollout.state, world.profile.image, ordered()) == ("done", image, set())
    assert assignment_of(waiting).image.version == "5.4.0"  # type: ignore[union-attr]
    names = list(Event.objects.order_by("pk").values_list("name", flat=True))
    assert [names.count(f"EDGE_SOFTWARE_UPDATE_{what}") for what in ("ORDERED", "DONE", "FAILED")] == [20, 20, 0]
    assert [name for name in names if name.startswith("ROLLOUT")] == [
        "ROLLOUT_BEGUN", *["ROLLOUT_WAVE_BEGUN"] * 3, "ROLLOUT_DONE",
    ]  # fmt: skip


def test_more_failures_than_it_may_halt_it_and_a_person_lets_it_go_on(
    world: World, image: SoftwareImage, edges: list[Edge]
) -> None:
    rollout = started(world, image, canary=5, most_failures=1)
    advance(NOW)
    come_back(after(1), but=2)
    lost = RolloutEdge.objects.filter(step="ordered").order_by("edge_id").values_list("edge_id", flat=True)[0]
    Edge.objects.filter(pk=lost).update(state="OFFLINE")
    advance(after(31))
    rollout.refresh_from_db()
    assert (rollout.state, rollout.reason, steps(rollout)[0]) == (
        "halted",
        "too_many_failures",
        {"done": 3, "failed": 2},
    )
    assert set(rollout.edges.filter(step="failed").values_list("why", flat=True)) == {"not_back", "not_changed"}
    assert Event.objects.get(name="ROLLOUT_HALTED").severity == "ERROR"
    advance(after(100))
    assert len(ordered()) == 5

    command.go_on(world.actor(world.olga), rollout.pk, now=after(101))
    advance(after(101))
    advance(after(112))
    assert (Rollout.objects.get().state, steps(rollout)[1]) == ("running", {"ordered": 5})


def test_one_that_comes_late_counts_as_one_that_came(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    rollout = started(world, image, most_failures=2)
    advance(NOW)
    advance(after(31))
    assert steps(rollout)[0] == {"failed": 2}
    DeviceContact.objects.update(software_version="5.4.0", at=after(40))
    advance(after(40))
    assert steps(rollout)[0] == {"done": 2}


def test_who_is_offline_holds_up_nobody_and_gets_it_when_it_is_back(
    world: World, image: SoftwareImage, edges: list[Edge]
) -> None:
    Edge.objects.update(state="OFFLINE")
    rollout = started(world, image, canary=20, pause_minutes=0)
    for minute in range(2):
        advance(after(minute))
    assert (Rollout.objects.get(pk=rollout.pk).state, steps(rollout)[0]) == ("done", {"away": 20})
    assert assignment_of(edges[0].pk).image.version == "5.4.0"  # type: ignore[union-attr]


def test_it_waits_for_the_night_of_each_edge(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    """Contoso's customers' zone for all, but one edge has its own."""
    assert NOW.tzinfo is not None
    far, local = "Pacific/Kiritimati", world.contoso.detail.timezone
    Edge.objects.filter(pk=edges[0].pk).update(timezone=far)
    there = NOW.astimezone(zone_of(far)).time().replace(second=0, microsecond=0)
    window = {"window_from": there, "window_until": (NOW + timedelta(hours=1)).astimezone(zone_of(far)).time()}
    assert not is_within(NOW.astimezone(zone_of(local)).time(), *window.values())
    rollout = started(world, image, canary=20, **window)
    advance(NOW)
    assert ordered() == {edges[0].pk}
    assert steps(rollout)[0] == {"ordered": 1, "waiting": 19}


@pytest.mark.parametrize(
    ("at", "begins", "ends", "found"),
    [
        ("01:00", "22:00", "05:00", True),
        ("23:30", "22:00", "05:00", True),
        ("05:00", "22:00", "05:00", False),
        ("12:00", "22:00", "05:00", False),
        ("02:00", "01:00", "03:00", True),
        ("03:00", "01:00", "03:00", False),
        ("00:59", "01:00", "03:00", False),
    ],
)
def test_a_window_may_go_over_midnight(at: str, begins: str, ends: str, found: bool) -> None:
    assert is_within(*map(time.fromisoformat, (at, begins, ends))) is found


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert zone_of("Atlantis/Poseidonis").key == zone_of("../etc/passwd").key == "UTC"


def test_what_left_meanwhile_is_left_out_and_has_no_order(
    world: World, image: SoftwareImage, edges: list[Edge]
) -> None:
    rollout = started(world, image, canary=3)
    advance(NOW)
    one, two, three = sorted(ordered())
    other = OperatorProfile.objects.create(name="Other", name_key="other", image=world.profile.image)
    Edge.objects.filter(pk=one).update(operator_profile=other)
    Edge.objects.filter(pk=two).update(activation_state="PENDING")
    Edge.objects.filter(pk=three).delete()
    advance(after(1))
    assert (steps(rollout)[0], ordered()) == ({"skipped": 2}, set())
    assert set(rollout.edges.values_list("why", flat=True)) == {"", "other_profile", "inactive"}
    assert assignment_of(one).image.version == OLD  # type: ignore[union-attr]


def test_taken_back_every_edge_is_told_the_former_image_again(
    world: World, image: SoftwareImage, edges: list[Edge]
) -> None:
    rollout = started(world, image, canary=4)
    advance(NOW)
    first = min(ordered())
    command.take_back(world.actor(world.olga), rollout.pk, now=after(1))
    assert ordered() == set()
    assert assignment_of(first).image.version == OLD  # type: ignore[union-attr]
    assert Event.objects.filter(name="EDGE_SOFTWARE_UPDATE_WITHDRAWN", actor_name="olga@operator.example").count() == 4
    assert advance(after(2)) == 0
    with pytest.raises(ValidationError, match="no longer in a state"):
        command.go_on(world.actor(world.olga), rollout.pk, now=after(3))


def test_a_pause_orders_nothing_and_sees_what_comes_back(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    rollout = started(world, image)
    advance(NOW)
    command.pause(world.actor(world.olga), rollout.pk, now=NOW)
    come_back(after(1))
    advance(after(60))
    assert steps(rollout) == [{"done": 2}, {"waiting": 8}, {"waiting": 10}]
    command.go_on(world.actor(world.olga), rollout.pk, now=after(60))
    advance(after(60))
    advance(after(71))
    assert steps(rollout)[1] == {"ordered": 8}


def test_an_image_that_is_deprecated_meanwhile_halts_it(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    started(world, image)
    software_images.deprecate(world.actor(world.olga), image.pk, deprecated=True, now=NOW)
    advance(NOW)
    assert (Rollout.objects.get().reason, ordered()) == ("image_deprecated", set())


def test_while_it_is_open_nobody_else_decides_on_the_image(
    world: World, image: SoftwareImage, edges: list[Edge], tmp_path: Any
) -> None:
    started(world, image)
    olga = world.actor(world.olga)
    changed = Draft.of(world.profile)._replace(image_id=image.pk)
    with pytest.raises(ValidationError, match="roll-out of this profile is open"):
        operator_profiles.update(olga, world.profile.pk, changed, version=world.profile.version, now=NOW)
    with pytest.raises(ValidationError, match="open roll-out"):
        software_images.delete(olga, image.pk, home=tmp_path, now=NOW)
    with pytest.raises(ValidationError, match="Another roll-out"):
        started(world, image)


@pytest.mark.parametrize("who", ["bea", "sam", "pia", "carla"])
def test_who_may_not_manage_profiles_begins_none_and_stops_none(
    world: World, image: SoftwareImage, edges: list[Edge], who: str
) -> None:
    actor = world.actor(getattr(world, who))
    with pytest.raises(NotAllowed):
        begin(actor, world.profile, image, TERMS, now=NOW)
    rollout = started(world, image)
    for deed in (command.pause, command.go_on, command.take_back):
        with pytest.raises(NotAllowed):
            deed(actor, rollout.pk, now=NOW)


def test_images_that_no_edge_can_have_are_refused(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    SoftwareImage.objects.filter(pk=image.pk).update(sha256="")
    with pytest.raises(ValidationError, match="no file"):
        started(world, image)
    SoftwareImage.objects.filter(pk=image.pk).update(sha256="ab" * 32, deprecated=True)
    with pytest.raises(ValidationError, match="deprecated"):
        started(world, image)
    SoftwareImage.objects.filter(pk=image.pk).update(deprecated=False)
    Edge.objects.update(activation_state="PENDING")
    with pytest.raises(ValidationError, match="No active edge"):
        started(world, image)
    assert not Rollout.objects.exists()


def test_the_plan_says_what_the_waves_will_be(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    Edge.objects.filter(pk=edges[0].pk).update(state="OFFLINE")
    found = plan(world.profile.pk, TERMS._replace(canary=3, percents=[10, 33, 100]))
    assert (found.waves, found.edges, found.offline) == ((3, 0, 4, 13), 20, 1)
    rollout = started(world, image, canary=3, percents=[10, 33, 100])
    assert [wave.edges for wave in waves_of(rollout)] == [3, 0, 4, 13]


def test_a_released_customers_part_goes_along(world: World, image: SoftwareImage, edges: list[Edge]) -> None:
    started(world, image)
    assert set(RolloutEdge.objects.values_list("partner_id", flat=True)) == {world.acme.pk}
    olga, select = world.actor(world.olga), {"ids": [world.contoso.pk]}
    job = submit(olga, MENU.entry("release-from-partner"), select=select, raw={}, now=NOW, confirm=1)
    assert (job.changed, set(RolloutEdge.objects.values_list("partner_id", flat=True))) == (1, {None})
