"""Mail through a real SMTP server that greylists, refuses, vanishes (R-14)."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.db import connection

from bailiwick.engine.outbox import HeaderInjection, deliver, enqueue, enqueue_mail
from bailiwick.models import OutboxMessage
from bailiwick.outbox import text_of
from tests.portal import free_port
from tests.world import NOW


class Relay:
    """Keeps what it takes; answers as it is told."""

    def __init__(self):
        self.letters = []
        self.recipients = []
        self.answer_to_rcpt = "250 OK"
        self.greylists = False
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802, ARG002 -- the names of aiosmtpd
        self.recipients.append(address)
        if self.answer_to_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ARG002 -- the names of aiosmtpd
        subject = message_from_bytes(envelope.content)["Subject"]
        if self.greylists and subject not in self.put_off:
            self.put_off.add(subject)
            return "451 4.7.1 come back later"
        self.letters.append(envelope)
        return "250 taken"


@pytest.fixture
def relay(settings):
    handler = Relay()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


def write(key="k", now=NOW, body="the secret link"):
    enqueue_mail(["a@example.com"], subject="Grüße", body=body, key=key, now=now)


def test_without_a_relay_letters_stay(db, settings):
    settings.EMAIL_HOST = ""
    write()
    assert deliver(NOW) == 0
    row = OutboxMessage.objects.get()
    assert (row.sent_at, row.attempts, text_of(row.payload)) == (None, 0, "the secret link")


def test_a_letter_goes_out_once_and_its_text_is_dropped(db, relay):
    write()
    assert [deliver(NOW), deliver(NOW + timedelta(hours=1))] == [1, 0]
    assert [letter.rcpt_tos for letter in relay.letters] == [["a@example.com"]]
    row = OutboxMessage.objects.get()
    assert row.sent_at == NOW
    assert "secret" not in str(row.payload)


def test_a_greylisted_letter_is_tried_again_with_the_same_message_id(db, relay):
    write()
    relay.answer_to_rcpt = "451 4.7.1 come back later"
    assert deliver(NOW) == 0
    assert deliver(NOW + timedelta(seconds=59)) == 0
    assert len(relay.recipients) == 1
    relay.answer_to_rcpt = "250 OK"
    assert deliver(NOW + timedelta(seconds=60)) == 1
    assert OutboxMessage.objects.get().attempts == 2


def test_pauses_are_those_of_r_14_and_end_after_five_days(db, relay):
    write()
    relay.answer_to_rcpt = "451 later"
    now, pauses = NOW, []
    while not OutboxMessage.objects.get().failed_at:
        deliver(now)
        row = OutboxMessage.objects.get()
        pauses.append(int((row.due_at - now).total_seconds() / 60))
        now = row.due_at
        assert len(pauses) < 200
    assert pauses[:5] == [1, 5, 15, 30, 60]
    assert max(pauses[:-1]) == 60
    assert row.failed_at - NOW >= timedelta(days=5)
    assert row.failed_at - NOW < timedelta(days=5, hours=2)


def test_a_permanent_refusal_ends_it_and_stops_nobody_elses(db, relay):
    write()
    relay.answer_to_rcpt = "550 no such user"
    deliver(NOW)
    row = OutboxMessage.objects.get()
    assert (row.failed_at, row.error) == (NOW, "SMTPRecipientsRefused 550")
    assert "secret" not in str(row.payload)


def test_a_relay_that_is_away_costs_nothing_but_time(db, relay, settings, caplog):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    write()
    with caplog.at_level(logging.WARNING):
        assert deliver(NOW) == 0
    assert "secret" not in caplog.text
    assert "a@example.com" not in caplog.text
    settings.EMAIL_PORT = port
    assert deliver(NOW + timedelta(minutes=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_several_senders_at_once_send_each_letter_once(relay):
    for number in range(30):
        write(key=f"k{number}")

    def send(_number):
        try:
            return deliver(NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(8))) == 30
    assert len(relay.letters) == 30


def test_a_sender_that_died_is_followed_by_another_after_ten_minutes(db, relay):
    write()
    OutboxMessage.objects.update(due_at=NOW + timedelta(minutes=10), attempts=1)
    assert deliver(NOW + timedelta(minutes=9)) == 0
    assert deliver(NOW + timedelta(minutes=10)) == 1


@pytest.mark.parametrize("bad", ["x\r\nBcc: b@example.com", "x\n", "x\r", "x\0"])
def test_a_line_break_in_a_header_is_refused(db, bad):
    with pytest.raises(HeaderInjection):
        enqueue_mail(["a@example.com"], subject=bad, body="", key="k", now=NOW)
    with pytest.raises(HeaderInjection):
        enqueue_mail([f"a@example.com{bad}"], subject="x", body="", key="k", now=NOW)
    assert not OutboxMessage.objects.exists()


def test_the_same_key_is_sent_once(db):
    for recipient in ("first", "second"):
        enqueue("mail", {"to": recipient}, key="k", now=NOW)
    assert OutboxMessage.objects.get().payload == {"to": "first"}
