"""The tenancy self-test: who may run it, what it reports, and that nothing of it remains, not even after a kill."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from bailiwick.management.catalogue import openapi
from bailiwick.management.self_test import run as runner
from bailiwick.management.self_test.routes import Route, routes
from bailiwick.management.self_test.run import LEVELS, Step, carry_out
from bailiwick.management.self_test.sides import FIRST
from bailiwick.models import Event, SelfTest
from tests.api.client import Script
from tests.processes import wait_for
from tests.proofs.test_crawl import LEAKS, Leaky
from tests.web.conftest import signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.processes import Worker

FEW = ("customers", "customers/<int:customer_id>", "users/<int:user_id>/<str:what>", "api/v1/jobs/<job_id>", "leaky",
       "leaky/<int:customer_id>")  # fmt: skip
KEPT = {"SelfTest", "Event"}


def everything() -> dict[str, Any]:
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("bailiwick").get_models():
            if model.__name__ not in KEPT and model._meta.managed:
                cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                               f"FROM {model._meta.db_table} t")  # fmt: skip
                found[model.__name__] = cursor.fetchone()[0]
    return found


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few routes stand for all: tests/proofs/test_crawl.py asks every one of them."""
    some = [Step(level, route) for level in LEVELS for route in map(Route, FEW)]
    monkeypatch.setattr(runner, "steps", lambda: [step for step in some if step.route in routes()])


def carried_out(**more: Any) -> SelfTest:
    carry_out(NOW, leaving=lambda: False, document=openapi, **more)
    return SelfTest.objects.latest("pk")


@pytest.mark.parametrize("who", ["stan", "bea", "sam", "pia", "carla"])
def test_only_a_superuser_may_run_or_read_it(world: World, who: str):
    run = SelfTest.objects.create(actor_name="olga", asked_at=NOW, finished_at=NOW)
    page, script = signed_in(getattr(world, who)), Script(getattr(world, who))
    for path in ("/self-test", f"/self-test/{run.pk}", f"/self-test/{run.pk}/live"):
        assert page.get(path).status_code == 403
    assert page.post("/self-test").status_code == 403
    assert script.post("/self-tests").status_code == 403
    assert script.get(f"/self-tests/{run.pk}").status_code == 403
    assert SelfTest.objects.count() == 1


def test_the_button_asks_once_however_often_it_is_pressed(world: World):
    olga = signed_in(world.olga)
    assert "Tenancy self-test" in olga.get("/roles").content.decode()
    first, second = olga.post("/self-test"), olga.post("/self-test")
    assert first["Location"] == second["Location"] == f"/self-test/{SelfTest.objects.get().pk}"
    assert Event.objects.filter(name="RUN_TENANCY_SELF_TEST").count() == 1
    assert "Waits for a worker" in olga.get(first["Location"]).content.decode()


def test_it_reports_that_nothing_leaks_and_keeps_nothing(world: World, few: None):
    signed_in(world.olga).post("/self-test")
    before, events = everything(), Event.objects.count()
    run = carried_out()
    assert (run.state, run.findings, run.percent) == ("passed", [], 100)
    assert run.comparisons > 20
    assert everything() == before
    assert Event.objects.count() == events
    script = Script(world.olga).get(f"/self-tests/{run.pk}").json()
    assert (script["state"], script["questions"]) == ("passed", run.questions)
    live = signed_in(world.olga).get(f"/self-test/{run.pk}/live")
    assert (live.status_code, "No leak found" in live.content.decode()) == (286, True)


def test_it_reports_a_leak_with_the_question_and_what_was_told(world: World, few: None):
    olga = signed_in(world.olga)
    olga.post("/self-test")
    with override_settings(ROOT_URLCONF=Leaky(*LEAKS["a page names what is foreign"])):
        run = carried_out()
    assert run.state == "leaks"
    shown = olga.get(f"/self-test/{run.pk}").content.decode()
    assert "GET /leaky/" in shown
    assert "It names what is another" in shown


def test_a_run_that_was_cut_off_begins_anew_and_not_for_ever(world: World, few: None):
    run = SelfTest.objects.create(actor_name="olga", asked_at=NOW)
    for _time in range(3):
        carry_out(NOW, leaving=lambda: True, document=openapi)
        run.refresh_from_db()
        assert run.finished_at is None
    carry_out(NOW, leaving=lambda: False, document=openapi)
    run.refresh_from_db()
    assert (run.state, run.starts, run.done) == ("failed", 4, 0)


def test_the_shell_prints_what_it_found(transactional_db: None, few: None, capsys: pytest.CaptureFixture[str]):
    World()
    with pytest.raises(SystemExit) as end:
        call_command("selftest")
    assert end.value.code == 0
    assert "passed: " in capsys.readouterr().out


@pytest.mark.slow
def test_a_killed_worker_leaves_nothing_and_another_finishes(lasting_world: World, workers: Callable[[], Worker]):
    before = everything()
    run = SelfTest.objects.create(actor_name="olga", asked_at=NOW)
    first = workers()
    wait_for(lambda: SelfTest.objects.get(pk=run.pk).done > 5, within=60)
    first.send(signal.SIGKILL)
    first.end()
    assert everything() == before
    assert not Event.objects.filter(pk__gte=FIRST).exists()
    workers()
    wait_for(lambda: SelfTest.objects.get(pk=run.pk).finished_at is not None, within=500)
    run.refresh_from_db()
    assert (run.state, run.findings, run.starts) == ("passed", [], 2)
    assert run.questions > 2_000
    assert everything() == before
