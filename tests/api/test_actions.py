"""The menu over REST: preview, run, wait, cancel, retry, undo; strangers and wrong roles first."""

from __future__ import annotations

import pytest
from django.test import Client

from bailiwick.models import Customer, Event, Job, JobRefusal, User
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

OFF = {"enabled": "false"}
ALERTS = "/actions/update-customer-alerts"


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def test_anonymous_is_told_how_to_sign_in(world: World) -> None:
    answer = Client().get("/api/v1/actions")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Token")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_token_is_refused(world: World) -> None:
    answer = Client().get("/api/v1/actions", headers={"Authorization": "Token bw_aa_bb"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_a_role_without_the_permission_gets_403_and_does_not_see_the_entry(world: World) -> None:
    sam = Script(world.sam)
    answer = sam.post(ALERTS, {"select": {"ids": [world.contoso.pk]}, "params": OFF})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "update-customer-alerts" not in [entry["slug"] for entry in sam.get("/actions").json()]


def test_a_strangers_rows_are_as_if_they_did_not_exist(world: World) -> None:
    stranger = Script(world.stranger)
    foreign = stranger.get(f"/customers/{world.contoso.pk}")
    missing = stranger.get("/customers/999999")
    assert (foreign.status_code, foreign.content) == (404, missing.content)
    answer = stranger.post(f"{ALERTS}/preview", {"select": {"ids": [world.contoso.pk]}, "params": OFF})
    assert answer.json()["errors"]["select"][0]["code"] == "select_empty"


def test_the_menu_describes_its_inputs(olga: Script) -> None:
    entries = {entry["slug"]: entry for entry in olga.get("/actions").json()}
    alerts = entries["update-customer-alerts"]
    assert alerts["label"] == "Update Customer Alerts"
    assert alerts["params"]["properties"]["enabled"]["enum"] == [True, False, "true", "false"]
    assert entries["delete-customer"]["destroys"]


def test_a_preview_gives_a_ticket_and_the_ticket_does_exactly_that(world: World, olga: Script) -> None:
    on, off = world.customers(3), world.customers(2, alerts_enabled=False)
    chosen = {"ids": [customer.pk for customer in on + off]}
    shown = olga.post(f"{ALERTS}/preview", {"select": chosen, "params": {"enabled": False}}).json()
    assert [shown[name] for name in ("total", "will_change", "already", "refused")] == [5, 3, 2, 0]
    assert shown["reasons"] == [
        {
            "code": "already_so",
            "reason": "Customer alerts are off already.",
            "count": 2,
            "harmless": True,
            "customers": [customer.name for customer in off],
        }
    ]
    assert not Job.objects.exists()
    done = olga.post(ALERTS, {"select": {"ticket": shown["ticket"]}, "params": {"enabled": False}})
    assert done.status_code == 200
    assert done.json()["counts"] == {"changed": 3, "already": 2, "refused": 0, "failed": 0, "pending": 0}
    assert olga.get(done.headers["Location"].removeprefix("/api/v1")).json()["state"] == "done"


def test_more_than_a_thousand_rows_are_queued_with_the_address_of_the_job(world: World, olga: Script) -> None:
    world.customers(1_001)
    answer = olga.post(ALERTS, {"select": {"matching": {}}, "params": OFF})
    assert answer.status_code == 202
    job = olga.get(answer.headers["Location"].removeprefix("/api/v1")).json()
    assert (job["state"], job["counts"]["pending"]) == ("queued", 1_002)
    cancelled = olga.post(f"/jobs/{job['id']}/cancel").json()
    assert cancelled["cancel_requested"]


def test_a_job_can_be_asked_for_by_uuid_or_number_but_not_by_strangers(world: World, olga: Script) -> None:
    job = olga.post(ALERTS, {"select": {"ids": [world.contoso.pk]}, "params": OFF}).json()
    assert olga.get(f"/jobs/{job['number']}").json()["id"] == job["id"]
    stranger = Script(world.stranger)
    assert stranger.get(f"/jobs/{job['id']}").content == stranger.get("/jobs/nothing").content
    assert stranger.get("/jobs").json()["data"] == []
    changed = olga.get(f"/jobs/{job['id']}/outcomes?outcome=changed").json()["data"]
    assert [(row["customer"], row["before"]) for row in changed] == [("Contoso", {"alerts_enabled": True})]


def test_undo_and_retry_make_new_jobs(world: World, olga: Script) -> None:
    empty, held = world.customers(2)
    edge = world.edges(held)[0]
    job = olga.post("/actions/delete-customer", {"select": {"ids": [empty.pk, held.pk]}}).json()
    assert job["counts"]["changed"] == 1
    assert job["reasons"][0]["code"] == "has_edges"
    edge.delete()
    retried = olga.post(f"/jobs/{job['id']}/retry")
    assert (retried.status_code, retried.json()["counts"]["changed"]) == (200, 1)
    undone = olga.post(f"/jobs/{job['id']}/undo")
    assert (undone.status_code, undone.json()["counts"]["changed"]) == (200, 1)
    again = olga.post(f"/jobs/{job['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")
    assert Customer.objects.get(pk=empty.pk).deleted_at is None


@pytest.mark.parametrize("way", ["in the bin", "purged"])
def test_a_retry_for_customers_that_are_gone_is_refused_in_words_and_makes_no_job(
    world: World, olga: Script, way: str
) -> None:
    held = world.customer("Held")
    world.edges(held)
    job = olga.post("/actions/delete-customer", {"select": {"ids": [held.pk]}}).json()
    if way == "purged":
        Customer.objects.filter(pk=held.pk).delete()
    else:
        Customer.objects.filter(pk=held.pk).update(deleted_at=NOW)
    answer = olga.post(f"/jobs/{job['id']}/retry")
    sentence = "None of the customers concerned is there any more."
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_left")
    assert [error["message"] for error in answer.json()["errors"]["job"]] == [sentence]
    page = signed_in(world.olga).post(f"/jobs/{job['number']}/retry")
    assert page.status_code == 409
    assert sentence in page.content.decode()
    assert Job.objects.count() == 1


def test_neither_an_undo_of_purged_customers_nor_a_retry_of_nothing_makes_a_job(world: World, olga: Script) -> None:
    (alone,) = world.customers(1)
    body = {"select": {"ids": [alone.pk]}, "params": {"enabled": "false"}}
    job, same = (olga.post("/actions/update-customer-alerts", body).json() for _time in range(2))
    assert same["counts"]["changed"] == 0
    refused = olga.post(f"/jobs/{same['id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_refused")
    Customer.objects.filter(pk=alone.pk).delete()
    refused = olga.post(f"/jobs/{job['id']}/undo")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_left")
    assert Job.objects.count() == 2


def test_undo_is_offered_only_to_whoever_may_do_the_inverse(world: World, olga: Script) -> None:
    job = Script(world.pia).post("/actions/delete-customer", {"select": {"ids": [world.contoso.pk]}}).json()
    assert job["counts"]["changed"] == 1
    assert "undo" in job["links"]
    colleague = world.user("paul@acme.example", "partner", "partner-standard", partner=world.acme)
    assert "undo" not in Script(colleague).get(f"/jobs/{job['id']}").json()["links"]
    assert "undo" in olga.get(f"/jobs/{job['id']}").json()["links"]
    undone = olga.post(f"/jobs/{job['id']}/undo").json()
    assert undone["counts"]["changed"] == 1
    assert "undo" not in olga.get(f"/jobs/{job['id']}").json()["links"]


def test_the_reasons_of_a_job_stay_few_however_many_sentences_there_are(world: World, olga: Script) -> None:
    customers = world.customers(4)
    for number, customer in enumerate(customers, start=1):
        world.edges(customer, number)
    job = olga.post("/actions/delete-customer", {"select": {"ids": [customer.pk for customer in customers]}}).json()
    assert [(reason["reason"], reason["count"]) for reason in job["reasons"]] == [
        ("Has … edges: remove them first.", 4),
    ]
    rows = [JobRefusal(job_id=job["number"], customer_name="", code="x", reason="a" * n) for n in range(1, 30)]
    JobRefusal.objects.bulk_create(rows)
    Job.objects.filter(pk=job["number"]).update(refused=4 + len(rows))
    few = olga.get(f"/jobs/{job['id']}").json()["reasons"]
    assert (len(few), few[-1]["code"], sum(reason["count"] for reason in few)) == (20, "others", 33)


def test_a_job_says_which_reasons_are_harmless_as_its_preview_did(world: World, olga: Script) -> None:
    Customer.objects.filter(pk=world.contoso.pk).update(alerts_enabled=False)
    body = {"select": {"ids": [world.contoso.pk]}, "params": OFF}
    shown, done = (olga.post(address, body).json()["reasons"] for address in (f"{ALERTS}/preview", ALERTS))
    assert shown == [{**done[0], "customers": [world.contoso.name]}]
    assert done[0]["harmless"] is True


def test_the_same_key_gives_the_same_job_and_another_body_is_refused(world: World, olga: Script) -> None:
    body = {"select": {"ids": [world.contoso.pk]}, "params": OFF}
    one, two = (olga.post(ALERTS, body, Idempotency_Key="k").json() for _ in range(2))
    assert one["id"] == two["id"]
    other = olga.post(ALERTS, {**body, "params": {"enabled": "true"}}, Idempotency_Key="k")
    assert (other.status_code, other.json()["errors"]["Idempotency-Key"][0]["code"]) == (422, "idempotency_mismatch")


def test_a_wrong_number_to_confirm_is_refused(world: World, olga: Script) -> None:
    body = {"select": {"ids": [world.contoso.pk]}, "confirm": 7}
    answer = olga.post("/actions/delete-customer", body)
    assert (answer.status_code, answer.json()["errors"]["confirm"][0]["code"]) == (422, "wrong_count")


def test_a_frozen_selection_does_not_grow(world: World, olga: Script) -> None:
    made = olga.post("/selections", {"matching": {"search": "Customer"}})
    assert (made.status_code, made.json()["count"]) == (201, 0)
    world.customers(2)
    ticket = olga.post("/selections", {"matching": {"search": "Customer"}}).json()["ticket"]
    world.customers(2)
    assert olga.get(f"/selections/{ticket}").json()["count"] == 2
    assert Script(world.stan).get(f"/selections/{ticket}").status_code == 404


def test_a_page_of_ours_may_call_with_its_session_and_csrf_token(world: World) -> None:
    browser = signed_in(world.olga, enforce_csrf_checks=True)
    refused = browser.post(f"/api/v1{ALERTS}", b"{}", content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert browser.get("/api/v1/actions").status_code == 200


def test_a_session_that_was_ended_is_no_session_here_either(world: World) -> None:
    browser = signed_in(world.olga)
    User.objects.filter(pk=world.olga.pk).update(epoch=7)
    answer = browser.get("/api/v1/actions")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_if_match_keeps_an_action_from_a_customer_that_somebody_changed(world: World, olga: Script) -> None:
    path, select = "/actions/modify-customer", {"ids": [world.contoso.pk]}
    tag = olga.get(f"/customers/{world.contoso.pk}").headers["ETag"]
    assert olga.post(path, {"select": select, "params": {"city": "Bern"}}, If_Match=tag).status_code == 200
    stale = olga.post(path, {"select": select, "params": {"city": "Chur"}}, If_Match=tag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert olga.get(f"/customers/{world.contoso.pk}").json()["city"] == "Bern"


def test_if_match_is_refused_where_no_version_is_looked_at(world: World, olga: Script) -> None:
    body = {"select": {"ids": [world.contoso.pk]}, "params": {"enabled": False}}
    answer = olga.post("/actions/update-customer-alerts", body, If_Match='"1"')
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["If-Match"])
    assert not Event.objects.filter(customer_id=world.contoso.pk).exists()


def test_what_a_page_asks_this_door_for_came_by_the_page(world: World) -> None:
    answer = signed_in(world.olga).post(
        f"/api/v1{ALERTS}",
        {"select": {"ids": [world.contoso.pk]}, "params": {"enabled": False}},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["door"]) == (200, "web")
    assert {event.door for event in Event.objects.filter(customer_id=world.contoso.pk)} == {"web"}
