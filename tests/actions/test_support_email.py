"""Support Email (domain 9, 20.9), through a real SMTP server."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.actions.support_email import SupportEmail
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.outbox import deliver
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.management.act.run import act
from bailiwick.models import Customer, Event, Job, OutboxMessage
from tests.api.client import Script
from tests.engine.test_outbox import relay  # noqa: F401 -- a fixture
from tests.web.conftest import signed_in
from tests.world import NOW, World

ACTION = MENU["support-email"]
CONTACT = "desk@contoso.example"
SECRET = "The gateway is replaced tonight."


def example(world: World) -> dict[str, Any]:
    return {"subject": "Tonight", "message": SECRET}


def rows(world: World, number: int, **values: Any) -> list[Customer]:
    made = world.customers(number, **values)
    for customer in made:
        contact(customer, f"desk-{customer.pk}@customer.example")
    return made


def contact(customer: Customer, address: str) -> None:
    """An address that somebody confirmed: others get nothing (tests/access/test_confirmations.py)."""
    World.confirmed(customer, address)


@pytest.fixture
def contoso(world: World) -> Customer:
    """Operators manage its users, so they know its administrators."""
    contact(world.contoso, CONTACT)
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=True)
    return world.contoso


def send(world: World, customer: Customer, **params: Any) -> Job:
    raw = {**example(world), **params}
    return submit(world.actor(world.olga, "api"), ACTION, select={"ids": [customer.pk]}, raw=raw, now=NOW)


def test_sup_01_the_contact_gets_the_mail_and_the_log_does_not_get_the_text(world, contoso, relay) -> None:  # noqa: F811
    job = send(world, contoso)
    assert deliver(timezone.now()) == 2
    letter = relay.letters[0]
    assert (letter.rcpt_tos, relay.letters[1].rcpt_tos) == ([CONTACT], ["olga@operator.example"])
    text = letter.content.decode()
    assert SECRET in text
    assert f"To: {CONTACT}" in text
    assert "Cc: olga@operator.example" in text
    assert "Reply-To: olga@operator.example" in text
    event = Event.objects.get(job_id=job.pk)
    assert (event.name, event.after) == (
        "SUPPORT_EMAIL",
        {"to": [CONTACT], "cc": ["olga@operator.example"], "subject": "Tonight"},
    )
    kept = json.dumps([*Event.objects.values(), *Job.objects.values(), *OutboxMessage.objects.values()], default=str)
    assert SECRET not in kept


def test_sup_01_it_changes_nothing_of_the_customer(world, contoso) -> None:
    before = Customer.objects.filter(pk=contoso.pk).values().get()
    send(world, contoso)
    assert Customer.objects.filter(pk=contoso.pk).values().get() == before


def test_administrators_can_be_ticked(world, contoso) -> None:
    send(world, contoso, to=[world.carla.email], copy=False)
    assert [message.payload["to"] for message in OutboxMessage.objects.all()] == [world.carla.email]


def test_the_dialog_offers_the_addresses_and_ticks_the_contact(world, contoso) -> None:
    page = signed_in(world.olga).post("/actions/support-email/dialog", {"id": contoso.pk}).content.decode()
    assert page.count('name="to"') == 2
    assert f'value="{CONTACT}"' in page
    assert f'value="{world.carla.email}"' in page
    assert page.count("checked") >= 1


def test_administrators_stay_unknown_to_operators_who_do_not_manage_them(world) -> None:
    contact(world.contoso, CONTACT)
    page = signed_in(world.olga).post("/actions/support-email/dialog", {"id": world.contoso.pk}).content.decode()
    assert world.carla.email not in page
    with pytest.raises(InvalidParams) as refused:
        send(world, world.contoso, to=[world.carla.email])
    assert refused.value.errors["to"][0]["code"] == "not_of_customer"


@pytest.mark.parametrize(("name", "closed"), [("olga", "operator_access"), ("pia", "partner_access")])
def test_whoever_was_shut_out_learns_no_address_in_the_dialog_nor_the_preview(world, contoso, name, closed) -> None:
    Customer.objects.filter(pk=contoso.pk).update(**{closed: False})
    user = getattr(world, name)
    with pytest.raises(InvalidParams) as refused:
        preview(world.actor(user), ACTION, select={"ids": [contoso.pk]}, raw=example(world), now=NOW)
    assert refused.value.errors["select"][0]["code"] == "access_withdrawn"
    for step in ("dialog", "preview"):
        page = signed_in(user).post(f"/actions/support-email/{step}", {"id": contoso.pk, **example(world)})
        assert page.status_code == 409
        for address in (CONTACT, world.carla.email):
            assert address not in page.content.decode()


def test_sup_02_two_rows_are_refused(world, contoso) -> None:
    select = {"ids": [contoso.pk, world.customer("Other").pk]}
    with pytest.raises(InvalidParams):
        submit(world.actor(world.olga, "api"), ACTION, select=select, raw=example(world), now=NOW)
    menu = signed_in(world.olga).get("/actions/menu?count=2").content.decode()
    assert "Takes one customer" in menu
    assert not OutboxMessage.objects.exists()


def test_sup_03_without_contact_and_administrator_it_is_refused(world) -> None:
    with pytest.raises(InvalidParams) as refused:
        send(world, world.customer("Silent"))
    assert refused.value.errors["to"][0]["code"] == "no_recipient"


def test_sup_03_an_administrator_alone_is_enough_where_operators_may_know_him(world) -> None:
    with pytest.raises(InvalidParams):
        send(world, world.contoso, copy=False)
    assert not OutboxMessage.objects.exists()
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=True)
    send(world, world.contoso, copy=False)
    assert [message.payload["to"] for message in OutboxMessage.objects.all()] == [world.carla.email]


def test_sup_04_a_relay_that_is_down_delays_the_mail_and_the_sender_sees_it(world, contoso, settings, relay) -> None:  # noqa: F811
    job = send(world, contoso, copy=False)
    relay.answer_to_rcpt = "451 4.7.1 come back later"
    assert deliver(timezone.now()) == 0
    page = signed_in(world.olga).get(f"/jobs/{job.pk}").content.decode()
    assert "waiting, 1 try" in page
    relay.answer_to_rcpt = "250 OK"
    assert deliver(timezone.now() + timedelta(minutes=1)) == 1
    assert "sent" in signed_in(world.olga).get(f"/jobs/{job.pk}").content.decode()
    assert len(relay.letters) == 1


def test_sup_04_a_refusal_for_good_is_visible_to_the_sender(world, contoso, relay) -> None:  # noqa: F811
    job = send(world, contoso, copy=False)
    relay.answer_to_rcpt = "550 no such user"
    deliver(timezone.now())
    assert "failed" in signed_in(world.olga).get(f"/jobs/{job.pk}").content.decode()
    assert deliver(timezone.now() + timedelta(days=1)) == 0


@pytest.mark.parametrize("subject", ["Tonight\r\nBcc: all@example.com", "Tonight\nX: y", "a\0b"])
def test_sup_05_a_line_break_in_the_subject_is_refused(world, contoso, subject) -> None:
    with pytest.raises(InvalidParams) as refused:
        send(world, contoso, subject=subject)
    assert refused.value.errors["subject"][0]["code"] == "forbidden_character"
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("to", ["stranger@elsewhere.example", "carla@contoso.example\r\nBcc: x@y.example", "x"])
def test_only_addresses_of_the_customer_are_written_to(world, contoso, to) -> None:
    with pytest.raises(InvalidParams) as refused:
        send(world, contoso, to=[to])
    assert "to" in refused.value.errors
    assert not OutboxMessage.objects.exists()


def test_the_eleventh_within_a_minute_waits(world, contoso) -> None:
    script = Script(world.sam, by=world.olga)
    body = {"select": {"ids": [contoso.pk]}, "params": example(world)}
    answers = [script.post("/actions/support-email", body).status_code for _each in range(11)]
    assert answers == [200] * 10 + [429]


def test_of_those_asked_for_at_the_same_instant_no_more_go_out(world, contoso, monkeypatch) -> None:
    monkeypatch.setattr(SupportEmail, "gate", lambda *_: None)  # as if all had passed it before the first was sent
    jobs = [send(world, contoso) for _number in range(12)]
    assert [job.state for job in jobs].count("done") == 10
    assert "10 support mails within a minute" in jobs[-1].error
    assert "message" not in Job.objects.get(pk=jobs[-1].pk).params
    assert Event.objects.filter(name="SUPPORT_EMAIL").count() == 10


def test_a_partner_writes_to_its_own_customers_only(world, contoso) -> None:
    body = {"select": {"ids": [contoso.pk]}, "params": example(world)}
    assert Client().post("/api/v1/actions/support-email", body).status_code == 401
    assert Script(world.carla, by=world.olga).post("/actions/support-email", body).status_code == 403
    assert Script(world.stranger, by=world.olga).post("/actions/support-email", body).status_code == 422
    assert Script(world.pia, by=world.olga).post("/actions/support-email", body).status_code == 200
    assert {message.payload["to"] for message in OutboxMessage.objects.all()} == {CONTACT, world.pia.email}


def test_the_preview_shows_the_mail(world, contoso) -> None:
    shown = preview(
        world.actor(world.olga), ACTION, select={"ids": [contoso.pk]}, raw=example(world), now=NOW
    ).consequences
    assert list(shown) == [
        "From: bailiwick@localhost",
        "Reply-To: olga@operator.example",
        f"To: {CONTACT}",
        "Cc: olga@operator.example",
        "Subject: Tonight",
        SECRET,
    ]


def test_the_page_shows_the_mail_with_its_lines_and_no_empty_table(world, contoso) -> None:
    form = {"id": contoso.pk, "subject": "Tonight", "message": "One\n  two", "to": [CONTACT], "copy": "on"}
    page = signed_in(world.olga).post("/actions/support-email/preview", form).content.decode()
    assert '<pre class="letter">One\n  two</pre>' in page
    for text in ("Reply-To", "olga@operator.example", "From", "bailiwick@localhost", CONTACT):
        assert text in page
    assert "will change" not in page
    assert 'class="table table-sm sample"' not in page


def test_answers_go_to_the_sender_without_a_copy_too(world, contoso) -> None:
    send(world, contoso, copy=False)
    assert OutboxMessage.objects.get().payload["headers"]["Reply-To"] == world.olga.email


def test_sup_04_scripts_and_the_shell_see_what_became_of_the_mail(world, contoso, relay, capsys) -> None:  # noqa: F811
    script = Script(world.olga)
    params = {**example(world), "copy": False}
    made = script.post("/actions/support-email", {"select": {"ids": [contoso.pk]}, "params": params}).json()
    assert made["mail"] == [{"to": CONTACT, "state": "waiting", "tries": 0, "error": ""}]
    deliver(timezone.now())
    assert script.get(f"/jobs/{made['id']}").json()["mail"][0]["state"] == "sent"
    flags = ["--ids", str(contoso.pk), "--subject", "Again", "--message", "Hello", "--yes", "--as", world.olga.email]
    assert act(["support-email", *flags]) == 0
    assert f"Mail to {CONTACT}: waiting" in capsys.readouterr().out
    Customer.objects.filter(pk=contoso.pk).update(operator_access=False)
    assert script.get(f"/jobs/{made['id']}").json()["mail"] == [], "shut out since"


@pytest.mark.parametrize("letters", [100, pytest.param(500, marks=pytest.mark.slow)])
def test_letters_through_a_greylisting_relay_none_lost_none_double(world, relay, letters) -> None:  # noqa: F811
    customers = rows(world, letters // 10)
    staff = [world.actor(world.user(f"s{n}@operator.example", "operator", "support"), "api") for n in range(50)]
    for index in range(letters):
        raw = {**example(world), "subject": f"Mail {index}", "copy": False}
        submit(staff[index % 50], ACTION, select={"ids": [customers[index // 10].pk]}, raw=raw, now=NOW)
    relay.greylists = True
    now = timezone.now()
    for _round in range(100):
        deliver(now)
        now += timedelta(minutes=1)
        if not OutboxMessage.objects.filter(sent_at=None).exists():
            break
    subjects = Counter(message_from_bytes(letter.content)["Subject"] for letter in relay.letters)
    assert len(subjects) == letters
    assert set(subjects.values()) == {1}
    assert len(relay.recipients) == 2 * letters, "Each was put off once."


def test_nobody_ticked_is_nobody_and_not_the_contact(world, contoso) -> None:
    with pytest.raises(InvalidParams) as refused:
        send(world, contoso, to=[])
    assert refused.value.errors["to"][0]["message"] == "Choose at least one recipient."
    assert not OutboxMessage.objects.exists()
