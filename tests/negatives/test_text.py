"""What people write is text wherever it is shown, mailed or logged (N-27, N-38, R-23, R-24, R-25, R-26)."""

from __future__ import annotations

import io
import logging
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine.outbox import deliver
from bailiwick.engine.submit import submit
from bailiwick.management.self_test.routes import PARAMETER, routes
from bailiwick.models import Customer, CustomerDetail, Edge, Event, Job, JobRefusal, Partner, Role, SavedView, User
from tests.api.client import Script
from tests.engine.test_outbox import relay  # noqa: F401 -- a fixture
from tests.web.conftest import signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from django.db.models import Model

PAYLOADS = (
    "<script>canary(1)</script>", '"><img src=x onerror=canary(1)>', "'><svg/onload=canary(1)>", "</title><b>x",
    "</textarea><i>x", "javascript:canary(1)", "{{7*7}}${7*7}", "<!--<a>", "]]><u>x", "&lt;s&gt;&#60;b>",
    '" autofocus onfocus=canary(1) x="', '<a href="data:text/html,x">x</a>',
)  # fmt: skip
HARMLESS = "Harmless"
SINKS = {
    Customer: ("name", "account_number"),
    CustomerDetail: ("description", "contact_name", "city", "street", "state"),
    Partner: ("name", "city"), User: ("first_name", "last_name", "phone"),
    Edge: ("name",), Event: ("subject", "actor_name"), Job: ("title", "actor_name"),
    JobRefusal: ("reason", "customer_name"), SavedView: ("name",), Role: ("name",),
}  # fmt: skip


class Shape(HTMLParser):
    """The elements of a page and the names of their attributes: what a payload must not be able to add to."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"{tag} {sorted(name for name, _value in attrs)}")
        for name, value in attrs:
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post") and value:
                assert not value.strip().lower().startswith(("javascript:", "data:text", "vbscript:")), (tag, value)

    def handle_comment(self, _data: str) -> None:
        self.found.append("comment")


@pytest.fixture
def written(world: World) -> World:
    """A portal with rows of every kind that a page shows."""
    rows = world.customers(3, partner=world.acme)
    world.edges(rows[0], 2)
    olga = world.actor(world.olga)
    submit(olga, MENU["delete-customer"], select={"ids": [rows[0].pk, rows[1].pk]}, raw={}, now=NOW, confirm=2)
    submit(olga, MENU["update-customer-alerts"], select={"ids": [rows[2].pk]}, raw={"enabled": "false"}, now=NOW)
    SavedView.objects.create(user=world.olga, name="View", query={})
    return world


def write(payload: str) -> None:
    """The payload into every text of every row; where names are unique, with the row's number behind it."""
    for model, names in SINKS.items():
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{name: value(model, row.pk, name, payload) for name in names})
    for row in Event.objects.exclude(after=None):
        Event.objects.filter(pk=row.pk).update(before={"name": payload}, after={"name": payload, "city": payload})


def value(model: type[Model], pk: int, name: str, payload: str) -> str:
    field = model._meta.get_field(name)
    return f"{payload}{pk}"[-field.max_length :] if name in ("name", "account_number") else payload[: field.max_length]


def pages(world: World) -> list[str]:
    job, refused = Job.objects.order_by("pk").last(), JobRefusal.objects.first()
    ids = {"customer_id": world.contoso.pk, "partner_id": world.acme.pk,
           "job_id": refused.job_id if refused else job.pk, "slug": "update-customer-alerts",
           "what": "partner", "name": "vco.alert.mail.to"}  # fmt: skip
    found = [PARAMETER.sub(lambda each: str(ids.get(each["name"], 0)), f"/{route.pattern}") for route in routes()
             if not route.is_api and "sign-out" not in route.pattern and "csv" not in route.pattern]  # fmt: skip
    return [path for path in found if "/0" not in path] + [f"/jobs/{job.pk}", "/customers?search=Harm"]


def shapes(world: World, asked: list[str]) -> dict[str, list[str]]:
    """The shape of each page that is shown; a payload may be sorted elsewhere, so rows count, not their order."""
    browser, found = signed_in(world.olga), {}
    for path in asked:
        answer = browser.get(path)
        if answer.status_code == 200 and not answer.streaming and "html" in answer["Content-Type"]:
            found[path] = sorted(Shape(answer.content.decode()).found)
    dialog = browser.post("/actions/delete-customer/dialog", {"id": world.contoso.pk})
    preview = browser.post("/actions/delete-customer/preview", {"id": world.contoso.pk})
    found |= {"dialog": sorted(Shape(dialog.content.decode()).found),
              "preview": sorted(Shape(preview.content.decode()).found)}  # fmt: skip
    return found


@pytest.mark.parametrize("number", [1, pytest.param(len(PAYLOADS), marks=pytest.mark.slow)])
def test_r23_no_page_has_another_shape_because_of_what_stands_in_it(written: World, number: int):
    """N-27: refusals, outcomes of jobs, events and dialogs too; the harmless twin of each page says what may stand."""
    asked = pages(written)
    write(HARMLESS)
    harmless = shapes(written, asked)
    assert len(harmless) > 20
    # All at once, so that a few turns say it of all: what one cannot close another can.
    for payload in ("".join(PAYLOADS)[:250], *PAYLOADS)[:number]:
        write(payload)
        hostile = shapes(written, asked)
        different = {path: (set(hostile[path]) ^ set(shape)) for path, shape in harmless.items()
                     if set(hostile.get(path, [])) - set(shape)}  # fmt: skip
        assert different == {}, payload


def test_r23_another_shape_is_seen():
    twin, hostile = Shape("<p title='x'>Harmless</p>").found, Shape(f"<p title='x'>{PAYLOADS[0]}</p>").found
    assert set(hostile) - set(twin) == {"script []"}
    with pytest.raises(AssertionError):
        Shape('<a href="javascript:canary(1)">x</a>')


LINES = ("a\r\nINJECTED line", "a\nINJECTED", "\x1b[31mINJECTED", "a\x00INJECTED", "a\u2028INJECTED", "a\x85INJECTED")


@pytest.mark.parametrize("text", LINES)
def test_n38_one_event_is_one_line_of_the_log_whatever_a_stranger_sends(world: World, text: str, monkeypatch):
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    level, root.level = root.level, logging.INFO
    django = logging.getLogger("django")
    django.addHandler(handler)
    try:
        client = Client(raise_request_exception=False)
        client.get("/nothing/" + text)
        client.get("/api/v1/" + text, headers={"User-Agent": text, "Authorization": f"Token {text}"})
        client.post("/sign-in", {"email": text, "password": text})
        signed_in(world.olga, raise_request_exception=False).get(f"/customers/{text}")
        Client(enforce_csrf_checks=True).post("/sign-in", {"a": text}, headers={"Referer": text, "Origin": text})
    finally:
        root.removeHandler(handler)
        django.removeHandler(handler)
        root.level = level
    lines = said.getvalue().split("\n")
    assert any(line.startswith("WARNING") for line in lines)
    assert [line for line in lines if line and not line.startswith(("WARNING ", "INFO ", "ERROR "))] == []
    assert not any(odd in said.getvalue() for odd in ("\r", "\x1b", "\x00", "\x85", "\u2028"))


DISPLAY = ('"Quoted, Inc." <b>', "Müller & Söhne", "شركة", "😀 Team", "a;b:c@d", "O'Brien (sales)", "=?utf-8?q?x?=")
CONTROLS = ("\r\nBcc: evil@example.com", "\nX-Evil: 1", "\rX-Evil: 1", "\0", "\x0b", "\x85", "\u2028")


@pytest.fixture
def desk(world: World) -> World:
    CustomerDetail.objects.filter(pk=world.contoso.pk).update(contact_email="desk@xn--mnchen-3ya.example")
    World.confirmed(world.contoso, "desk@xn--mnchen-3ya.example")
    return world


def send(world: World, **values: str) -> object:
    params = {"to": ["desk@xn--mnchen-3ya.example"], "subject": "S", "message": "M", "copy": False, **values}
    select = {"ids": [world.contoso.pk]}
    return Script(world.olga).post("/actions/support-email", {"select": select, "params": params})


def test_r25_what_is_written_arrives_as_it_was_written(desk: World, relay, monkeypatch):  # noqa: F811
    for text in DISPLAY:
        assert send(desk, subject=text, message=f"{text}\nBcc: not a header\n.\nsecond").status_code == 200
    deliver(timezone.now())
    letters = [message_from_bytes(letter.content, policy=policy.default) for letter in relay.letters]
    assert [letter["Subject"] for letter in letters] == list(DISPLAY)
    for letter, text, envelope in zip(letters, DISPLAY, relay.letters, strict=True):
        body = letter.get_content().replace("\r\n", "\n")
        assert body.rstrip("\n") == f"{text}\nBcc: not a header\n.\nsecond"
        assert envelope.rcpt_tos == ["desk@xn--mnchen-3ya.example"]


def test_r26_no_field_adds_a_header_or_a_recipient(desk: World, relay):  # noqa: F811
    for control in CONTROLS:
        assert send(desk, subject=f"S{control}").status_code == 422
        for address in (f"desk@xn--mnchen-3ya.example{control}", f"a{control}@example.com"):
            assert send(desk, to=[address]).status_code == 422
    assert send(desk, message="Bcc: evil@example.com\nX-Evil: 1\n\nM").status_code == 200
    deliver(timezone.now())
    (letter,) = relay.letters
    found = message_from_bytes(letter.content)
    assert letter.rcpt_tos == ["desk@xn--mnchen-3ya.example"]
    ours = {"Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID",
            "Reply-To", "X-Peer", "X-MailFrom", "X-RcptTo"}  # fmt: skip
    assert set(found.keys()) <= ours


TORTURE = ("a\0b", "a\ud800b", "\x07", "e\u0301" * 300, "x" * 20_000, "\u202eevil", "null",
           "undefined", "0", "2026-01-01",
           "😀" * 200, "=1+1", "شركة", "' OR 1=1 --", "<b>", "{{7*7}}", " ", "\t\n", "\ufeff",
           "ﷺ" * 100, "\uffff")  # fmt: skip


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_r24_n36_no_field_of_any_page_breaks_whatever_is_typed(world: World, every: int):
    """Every field of every form that a page shows; REST's are in tests/api/test_texts.py and test_fuzz.py."""
    browser = signed_in(world.olga, raise_request_exception=False)
    forms = {
        "/account": ("first_name", "last_name", "phone", "mobile", "timezone"),
        "/account/tokens": ("name", "scope", "days"),
        "/users/invite": ("email", "role", "first_name", "last_name", "phone", "mobile"),
        "/partners/new": ("name", "domain", "city", "contact_email", "contact_name", "description"),
        f"/partners/{world.acme.pk}": ("name", "domain", "city", "contact_email"),
        f"/customers/{world.contoso.pk}/settings": ("section", "base", "contact_name", "contact_email", "version"),
        "/customers/views": ("name", "query"), "/customers/columns": ("columns",),
        "/customers/width": ("width", "column"),
        "/properties/vco.alert.mail.to": ("value", "version"), "/roles/new": ("name", "base", "permissions"),
        "/single-sign-on/new": ("domain", "client_id", "client_secret", "default_role"),
        "/forgot-password": ("email",), "/account/password": ("current", "password", "again"),
        "/actions/modify-customer/preview": ("select", "params", "id"), "/actions/menu": ("ids",),
    }  # fmt: skip
    broken, asked = [], 0
    for path, fields in forms.items():
        for turn, text in list(enumerate(TORTURE))[asked % every :: every]:
            values = dict.fromkeys(fields, "a@example.com") | {fields[turn % len(fields)]: text}
            for sent in (values, dict.fromkeys(fields, text)):
                clean = {name: each.encode("utf-8", "surrogatepass") for name, each in sent.items()}
                asked += 1
                if browser.post(path, clean).status_code >= 500:
                    broken.append((path, text[:10]))
    assert broken == []
    assert asked > 500 / every
