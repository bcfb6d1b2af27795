"""The jobs list, the page of one job, and what can still be done about it."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from bailiwick.actions import MENU
from bailiwick.engine.run import run
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Job, JobState
from tests.web.conftest import signed_in
from tests.world import NOW

ALERTS = MENU["update-customer-alerts"]
OFF = {"enabled": "false"}


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def make(world, customers, user=None, raw=OFF, action=ALERTS, door="web"):
    ids = {"ids": [customer.pk for customer in customers]}
    return submit(world.actor(user or world.olga, door=door), action, select=ids, raw=raw, now=NOW)


@pytest.fixture
def mixed(world):
    """A job with three changed and two refused rows."""
    return make(world, world.customers(3) + world.customers(2, alerts_enabled=False))


@pytest.fixture
def large(world):
    """A job that waits for a worker."""
    world.customers(1_001)
    return submit(world.actor(world.olga), ALERTS, select={"matching": {}}, raw=OFF, now=NOW)


PAGES = ["", "/live", "/rows", "/refused.csv"]
POSTS = ["/cancel", "/retry", "/undo"]


@pytest.mark.parametrize("rest", PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page(mixed, rest):
    assert Client().get(f"/jobs/{mixed.pk}{rest}").status_code == 302


@pytest.mark.parametrize("rest", PAGES)
def test_another_portals_job_does_not_exist(world, mixed, rest):
    for user in (world.pia, world.stranger, world.carla):
        assert signed_in(user).get(f"/jobs/{mixed.pk}{rest}").status_code == 404
    assert str(mixed.title) not in text(signed_in(world.pia).get("/jobs"))


@pytest.mark.parametrize("rest", POSTS)
def test_another_portals_job_cannot_be_touched(world, mixed, rest):
    for user in (world.pia, world.stranger, world.carla):
        assert signed_in(user).post(f"/jobs/{mixed.pk}{rest}").status_code == 404
    assert Job.objects.count() == 1


@pytest.mark.parametrize("rest", POSTS)
def test_a_reader_sees_the_job_and_can_do_nothing_about_it(world, mixed, rest):
    sam = signed_in(world.sam)
    shown = sam.get(f"/jobs/{mixed.pk}").content.decode()
    assert "/undo" not in shown
    assert "/retry" not in shown
    assert sam.post(f"/jobs/{mixed.pk}{rest}").status_code == 403
    assert Job.objects.count() == 1


@pytest.mark.parametrize("rest", [*PAGES, *POSTS])
def test_an_unknown_job_is_not_found(world, rest):
    client = signed_in(world.olga)
    for job_id in (1, 2**63, 10**30):
        answer = client.post(f"/jobs/{job_id}{rest}") if rest in POSTS else client.get(f"/jobs/{job_id}{rest}")
        assert answer.status_code == 404


def test_the_page_says_what_became_of_it_and_who_did_it(world, mixed):
    shown = text(signed_in(world.olga).get(f"/jobs/{mixed.pk}"))
    assert "Deactivate customer alerts · 3 changed · 2 already so" in shown
    assert world.olga.email in shown
    assert "5 customers" in shown
    assert mixed.selection.digest[:12] in shown
    assert "100 %" in shown
    assert "Customer alerts are off already. 2" in shown


def test_rows_show_before_and_after_or_the_reason(world, mixed):
    client = signed_in(world.olga)
    already = text(client.get(f"/jobs/{mixed.pk}/rows?outcome=already"))
    assert already.count("Customer alerts are off already.") == 2
    assert "Refused" not in already
    changed = text(client.get(f"/jobs/{mixed.pk}/rows?outcome=changed"))
    assert changed.count("Customer alerts on → off") == 3


def test_rows_are_paged_by_key(world):
    job = make(world, world.customers(230))
    client = signed_in(world.olga)
    names, after = [], ""
    for _turn in range(3):
        shown = client.get(f"/jobs/{job.pk}/rows?outcome=changed&after={after}").content.decode()
        names += re.findall(r"Customer \d{5}", shown)
        following = re.search(r"after=(\d+)", shown)
        after = following[1] if following else None
    assert after is None
    assert len(names) == len(set(names)) == 230


@pytest.mark.parametrize("query", ["?outcome=x", "?after=x", "?after=-5", "?outcome=changed&after=" + "9" * 60])
def test_a_strange_query_shows_rows_or_none_but_no_error(world, mixed, query):
    assert signed_in(world.olga).get(f"/jobs/{mixed.pk}/rows{query}").status_code == 200


def test_a_waiting_job_is_asked_every_second_until_it_is_over(world, large, page):
    olga = page(world.olga)
    first = signed_in(world.olga).get(f"/jobs/{large.pk}").content.decode()
    assert 'hx-trigger="every 1s"' in first
    waiting = olga.get(f"/jobs/{large.pk}/live")
    assert (waiting.status_code, "0 %" in text(waiting)) == (200, True)
    run(large, ALERTS)
    over = olga.get(f"/jobs/{large.pk}/live")
    assert over.status_code == 286
    assert "100 %" in text(over)
    assert {"job-over", "customers-changed", "jobs-changed"} <= json.loads(over["HX-Trigger"]).keys()
    assert 'id="job-buttons" class="btn-list" hx-swap-oob="true"' in over.content.decode()
    assert 'hx-trigger="every 1s"' not in signed_in(world.olga).get(f"/jobs/{large.pk}").content.decode()


def test_the_dialogs_progress_ends_with_undo_too(world, large, page):
    run(large, ALERTS)
    over = page(world.olga).get(f"/jobs/{large.pk}/live?in_dialog=1")
    assert over.status_code == 286
    assert f'hx-post="/jobs/{large.pk}/undo"' in over.content.decode()


def test_a_job_that_waits_can_be_cancelled(world, large, page):
    assert page(world.olga).post(f"/jobs/{large.pk}/cancel").status_code == 204
    assert "Cancelling" in text(page(world.olga).get(f"/jobs/{large.pk}/live"))
    run(large, ALERTS)
    large.refresh_from_db()
    assert (large.state, large.changed) == (JobState.CANCELLED, 0)
    shown = text(signed_in(world.olga).get(f"/jobs/{large.pk}"))
    assert "1,002 not reached" in shown


def test_undo_puts_everything_back_and_leads_to_its_own_job(world, mixed):
    answer = signed_in(world.olga).post(f"/jobs/{mixed.pk}/undo")
    undone = Job.objects.get(undo_of=mixed)
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{undone.pk}")
    assert Customer.objects.filter(alerts_enabled=True).count() == 4
    shown = signed_in(world.olga).get(f"/jobs/{mixed.pk}").content.decode()
    assert f"/jobs/{undone.pk}" in shown
    assert f"/jobs/{mixed.pk}/undo" not in shown


def test_conflicts_of_an_undo_are_listed_on_its_page(world):
    first, second = world.customers(2)
    job = make(world, [first, second])
    make(world, [second], raw={"enabled": "true"})
    client = signed_in(world.olga)
    client.post(f"/jobs/{job.pk}/undo")
    undone = Job.objects.get(undo_of=job)
    assert "Changed again since." in text(client.get(f"/jobs/{undone.pk}/rows"))


def test_undoing_twice_is_a_conflict_in_words(world, mixed, page):
    page(world.olga).post(f"/jobs/{mixed.pk}/undo")
    again = page(world.olga).post(f"/jobs/{mixed.pk}/undo")
    assert again.status_code == 409
    assert "undone before" in json.loads(again["HX-Trigger"])["toast"]["text"]
    plain = signed_in(world.olga).post(f"/jobs/{mixed.pk}/undo")
    assert plain.status_code == 409
    assert "undone before" in text(plain)


def test_undo_from_a_message_answers_with_a_message(world, mixed, page):
    answer = page(world.olga).post(f"/jobs/{mixed.pk}/undo")
    assert answer["HX-Reswap"] == "none"
    assert "Undo: Deactivate customer alerts · 3 changed" in text(answer)


def test_refused_rows_can_be_tried_again(world):
    held = world.customer("Held")
    edges = world.edges(held)
    job = make(world, [held], action=MENU["delete-customer"], raw={}, door="api")
    edges[0].delete()
    client = signed_in(world.olga)
    answer = client.post(f"/jobs/{job.pk}/retry")
    again = Job.objects.get(retry_of=job)
    assert answer["Location"] == f"/jobs/{again.pk}"
    assert (again.changed, again.refused) == (1, 0)


def test_the_csv_of_the_refused_cannot_trick_a_spreadsheet(world):
    names = ["=1+1", "+44", "@sum", 'quote " and, comma', "Łódź 北京"]
    rows = world.customers(5, names=names, alerts_enabled=False)
    job = make(world, rows)
    answer = signed_in(world.olga).get(f"/jobs/{job.pk}/refused.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="job-{job.pk}-refused.csv"'
    lines = list(csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert [line["Customer"] for line in lines] == ["'=1+1", "'+44", "'@sum", names[3], names[4]]
    assert {line["Code"] for line in lines} == {"already_so"}
    assert [int(line["Id"]) for line in lines] == [row.pk for row in rows]


def test_the_list_filters_mine_running_and_by_action(world, mixed, large):
    make(world, world.customers(1), user=world.stan, raw={"enabled": "true"})
    client = signed_in(world.olga)
    assert "Activate customer alerts" in text(client.get("/jobs"))
    mine = client.get("/jobs?mine=1").content.decode()
    assert re.findall(r'href="/jobs/(\d+)"', mine) == [str(large.pk), str(mixed.pk)]
    assert re.findall(r'href="/jobs/(\d+)"', client.get("/jobs?open=1").content.decode()) == [str(large.pk)]
    assert "No job here" in text(client.get("/jobs?action=delete-customer"))
    assert client.get("/jobs?action=%00&before=x").status_code == 200


def test_the_list_is_paged_by_key(world):
    customers = world.customers(1)
    jobs = [make(world, customers) for _ in range(53)]
    client = signed_in(world.olga)
    first = client.get("/jobs").content.decode()
    older = re.search(r'\?(before=\d+)"', first)[1]
    second = client.get(f"/jobs?{older}").content.decode()
    shown = [int(pk) for page in (first, second) for pk in re.findall(r'href="/jobs/(\d+)"', page)]
    assert shown == [job.pk for job in reversed(jobs)]


def test_the_ring_shows_the_actors_own_open_jobs(world, large, page):
    ring = page(world.olga).get("/jobs/running").content.decode()
    assert f'href="/jobs/{large.pk}"' in ring
    assert "style=" not in ring
    assert page(world.stan).get("/jobs/running").content.strip() == b""


def test_a_partner_sees_his_own_job_and_not_another_partners(world):
    job = make(world, [world.contoso], user=world.pia)
    assert signed_in(world.pia).get(f"/jobs/{job.pk}").status_code == 200
    assert signed_in(world.stranger).get(f"/jobs/{job.pk}").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_rows(world, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (5, 90):
        job = make(world, world.customers(size))
        client = signed_in(world.olga)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/jobs/{job.pk}")
            client.get(f"/jobs/{job.pk}/rows?outcome=changed")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_time_left_is_said_while_it_runs(world, large, page):
    Job.objects.filter(pk=large.pk).update(
        state="running", changed=501, started_at=NOW, finished_at=NOW + timedelta(seconds=10)
    )
    shown = text(page(world.olga).get(f"/jobs/{large.pk}/live"))
    assert "50 % Running 501 of 1,002 to do 50 a second 10 s left" in shown
