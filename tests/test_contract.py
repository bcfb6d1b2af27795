"""Nine promises that every entry of the menu keeps at every door, checked for each of them."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.action import Change, Reach
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, Job
from tests.contract import DOORS, Case, facts, fingerprint, help_of
from tests.world import NOW, World

FORBIDDEN = {"web": 403, "api": 403, "shell": 1}


@pytest.fixture(params=list(MENU))
def case(request: pytest.FixtureRequest, world: World) -> Case:
    return Case(MENU[request.param], world)


@pytest.fixture(params=[slug for slug, action in MENU.items() if isinstance(action, Change)])
def change(request: pytest.FixtureRequest, world: World) -> Case:
    return Case(MENU[request.param], world)


def test_1_anonymous_is_turned_away_at_each_door(case: Case) -> None:
    before = fingerprint()
    page = Client().post(f"/actions/{case.slug}", {"params": "{}"})
    assert (page.status_code, page.headers["Location"].split("?")[0]) == (302, "/sign-in")
    for end in ("", "/preview"):
        assert Client().post(f"/api/v1/actions/{case.slug}{end}").status_code == 401
    nobody = case.world.user("gone@operator.example", "operator", "superuser", is_active=False)
    assert DOORS["shell"](case, nobody, case.rows(0), {}) == 2
    nobody.delete()
    assert fingerprint() == before


@pytest.mark.parametrize("door", list(DOORS))
def test_2_a_role_without_the_permission_gets_403_at_each_door(case: Case, door: str) -> None:
    powerless = case.world.user("powerless@operator.example", "operator", "none-at-all")
    rows, params = case.rows(1), case.params()
    before = fingerprint()
    assert DOORS[door](case, powerless, rows, params) == FORBIDDEN[door]
    assert fingerprint() == before


def test_3_rows_of_a_stranger_neither_count_nor_change(change: Case) -> None:
    world, action = change.world, change.action
    foreign, own = change.rows(1, partner=world.zenith), change.rows(1, partner=world.acme)
    pia = world.actor(world.pia, "api")
    versions, jobs = list(Customer.objects.filter(pk=foreign[0].pk).values()), Job.objects.count()
    for rows in (own + foreign, foreign):
        for go in (preview, submit):
            with pytest.raises((NotAllowed, InvalidParams)) as refused:
                go(pia, action, select=change.select(rows), raw=change.params(), now=NOW)
            assert isinstance(refused.value, NotAllowed) or set(refused.value.errors) == {"select"}
    assert list(Customer.objects.filter(pk=foreign[0].pk).values()) == versions
    assert Job.objects.count() == jobs


def test_4_a_preview_changes_nothing(case: Case) -> None:
    rows, params = case.rows(3), case.params()
    before = fingerprint()
    preview(case.actor, case.action, select=case.select(rows), raw=params, now=NOW)
    assert fingerprint() == before


def test_5_a_preview_counts_what_the_run_does(case: Case) -> None:
    olga, rows, params = case.actor, case.rows(4), case.params()
    select = case.select(rows)
    shown = preview(olga, case.action, select=select, raw=params, now=NOW)
    job = submit(olga, case.action, select=select, raw=params, now=NOW)
    if case.stateful():
        assert (job.total, job.changed, job.refused) == (shown.total, shown.changing, shown.refused)
        assert job.changed, "The example must change something, or the suite proves nothing."
    assert job.state == "done"
    assert job.pending == 0


def test_6_each_changed_row_has_exactly_one_event_and_a_refused_one_none(case: Case) -> None:
    olga, rows, params = case.actor, case.rows(3), case.params()
    job = submit(olga, case.action, select=case.select(rows), raw=params, now=NOW)
    events = Event.objects.filter(job_id=job.pk, name=case.action.event)
    if not case.stateful():
        assert not events.exists(), "The event of an export is written when the file is taken, for each taking."
        return
    assert events.count() == job.changed
    assert not events.values("customer_id").annotate(n=Count("id")).filter(n__gt=1).exists()
    if case.action.reach is Reach.MANY:
        fresh = case.rows(1)
        there = case.action.rows(olga).filter(pk__in=[row.pk for row in rows + fresh])
        again = submit(olga, case.action, select=case.select(list(there)), raw=params, now=NOW)
        touched = set(Event.objects.filter(job_id=again.pk).values_list("customer_id", flat=True))
        assert touched == {fresh[0].pk} or case.action.repeatable


def test_7_running_it_again_changes_nothing(case: Case) -> None:
    if case.action.repeatable:
        pytest.skip(f"{case.slug} says of itself that it is repeatable.")
    olga, rows, params = case.actor, case.rows(3), case.params()
    submit(olga, case.action, select=case.select(rows), raw=params, now=NOW)
    customers = list(Customer.objects.order_by("pk").values())
    try:
        assert submit(olga, case.action, select=case.select(rows), raw=params, now=NOW).changed == 0
    except InvalidParams as refusal:
        assert refusal.status in (409, 422)
    assert list(Customer.objects.order_by("pk").values()) == customers


def test_8_every_door_makes_the_same_job(case: Case) -> None:
    made = {}
    for door, go in DOORS.items():
        with transaction.atomic():
            code = go(case, case.user, case.rows(2), case.params())
            assert code in ((0,) if door == "shell" else (200, 204, 302, 303)), (door, code)
            job = Job.objects.latest("id")
            assert job.door == door
            made[door] = facts(job)
            transaction.set_rollback(True)
    assert made["web"] == made["api"] == made["shell"]


def test_9_ten_rows_take_as_many_queries_as_five_hundred(change: Case) -> None:
    if change.action.reach is not Reach.MANY:
        pytest.skip("It takes one row.")
    olga, params = change.actor, change.params()
    few, many = change.select(change.rows(10)), change.select(change.rows(500))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server does by itself soon after so many rows came
    preview(olga, change.action, select=few, raw=params, now=NOW)

    def queries(select: object, work: object) -> int:
        with CaptureQueriesContext(connection) as captured:
            work(olga, change.action, select=select, raw=params, now=NOW)
        return len(captured)

    assert queries(few, preview) == queries(many, preview)
    assert queries(few, submit) == queries(many, submit)


def test_help_and_schema_come_from_the_form(case: Case) -> None:
    shown = help_of(case)
    assert " ".join(case.action.help.split()[:4]) in " ".join(shown.split())
    for name in case.action.Params(actor=case.actor).fields:
        assert f"--{name.replace('_', '-')}" in shown
