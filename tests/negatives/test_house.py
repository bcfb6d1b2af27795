"""What the house is built of: no parser, cache, template or expression that a request could turn.

Names: N-22, N-26, N-28, N-29, N-33, N-34, N-35, N-37, N-42.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.test import Client

import bailiwick
from bailiwick import seal
from bailiwick.access import links, passwords
from bailiwick.access.tokens import actor_for_token
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing import spot
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, CustomerDetail, OutboxMessage
from bailiwick.outbox import text_of
from tests.api.client import Script
from tests.architecture import modules
from tests.web.conftest import signed_in
from tests.world import NOW, World

SOURCE = Path(bailiwick.__file__).parent
# What parses; the tables of names that xml.dom is, and the escaping that a library of ours takes from xml.sax, do not.
XML = (
    "xml.etree",
    "xml.parsers",
    "xml.sax.expatreader",
    "xmlrpc",
    "lxml",
    "defusedxml",
    "pyexpat",
    "_elementtree",
    "html5lib",
)


def test_n22_nothing_that_serves_a_request_can_read_xml():
    """In a process of its own, as the tests' tools read XML."""
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'bailiwick.settings'; django.setup();"
        "import bailiwick.urls, bailiwick.wsgi, bailiwick.management.loop;"
        "print(' '.join(sys.modules))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "bailiwick.web.urls" in loaded
    assert [name for name in loaded if name.startswith(XML)] == []
    assert not [name for name, text in texts().items() if "import xml" in text or "from xml" in text]


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(modules(SOURCE))


@cache
def texts() -> dict[str, str]:
    return {name: (SOURCE / name).read_text() for name, _tree in sources()}


def reads_tables(tree: ast.Module) -> list[str]:
    """Managers other than those that scope knows: in a door every row comes from access/ or the engine."""
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)
            and node.attr in ("objects", "_default_manager", "_base_manager", "_meta")]  # fmt: skip


def test_n26_no_door_asks_a_table_by_a_way_around_the_scope():
    doors = {name: tree for name, tree in sources() if name.startswith(("web/", "api/", "actions/"))}
    assert len(doors) > 50
    assert {name: found for name, tree in doors.items() if (found := reads_tables(tree))} == {}
    assert reads_tables(ast.parse("Customer._base_manager.all()"))


def test_n26_every_model_has_the_one_plain_manager():
    """No manager that filters silently: what is in scope is said in access/scope.py, and the wall is the database's."""
    ours = list(apps.get_app_config("bailiwick").get_models())
    managers = {type(manager) for model in ours for manager in model._meta.managers}
    assert {each for each in managers if each.__module__.startswith("bailiwick")} == set()
    assert all(issubclass(each, models.Manager) for each in managers)


def test_n28_every_answer_of_the_api_names_its_fields():
    """No schema is made of a table, and none takes more than it names."""
    doors = {name: text for name, text in texts().items() if name.startswith("api/")}
    assert not [name for name, text in doors.items() if "ModelSchema" in text or "create_schema" in text]
    fields = {node.target.id for name, tree in sources() if name.startswith("api/") for node in ast.walk(tree)
              if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}  # fmt: skip
    assert "account_number" in fields
    assert fields & {"password", "secret_hash", "sealed", "epoch", "code_hash", "session_key", "payload"} == set()


def test_n29_nothing_is_cached_that_a_person_sees(world: World):
    assert not [name for name in settings.MIDDLEWARE if "cache" in name.lower()]
    assert settings.SESSION_SAVE_EVERY_REQUEST is False
    caching = ("cache_page", "cache_control", "UpdateCacheMiddleware", "django.core.cache")
    assert not [name for name, text in texts().items() if any(word in text for word in caching)]
    script, browser = Script(world.olga), signed_in(world.olga)
    for answer in (browser.get("/customers"), browser.get("/account"), browser.get("/events.csv"),
                   script.get("/customers"), script.get("/exports/customers.csv"),
                   browser.get("/nothing")):  # fmt: skip
        assert answer["Cache-Control"] == "no-store"
        assert {"Cookie", "Authorization"} <= {name.strip() for name in answer.get("Vary", "").split(",")}


ODD_PASSWORDS = {"too short": "Ab1!", "common": "password1234", "a bracket": "correct<horse battery",
                 "a control": "correct\x07horse battery", "too long": "x7" * 300}  # fmt: skip


@pytest.mark.parametrize("what", ODD_PASSWORDS)
def test_n33_one_rule_at_every_door_that_sets_a_password(world: World, what: str):
    password, actor = ODD_PASSWORDS[what], world.actor(world.olga)
    reset = links.issue(world.stan, links.RESET, NOW).rpartition("/")[2]
    with pytest.raises(ValidationError):
        passwords.set_password(actor, world.stan, password, now=NOW)
    with pytest.raises(ValidationError):
        links.redeem(reset, password, address="", now=NOW)
    posted = {"password": password, "again": password, "current": "", "password_again": password}
    browser = signed_in(world.sam)
    assert browser.post("/account/first-password", posted).status_code == 422
    world.sam.refresh_from_db()
    assert not world.sam.has_usable_password()


def test_n33_every_door_goes_through_the_one_function(world: World, monkeypatch):
    """The rule changed in its one place is changed everywhere: nothing else writes a password."""
    writers = {name for name, tree in sources() if any(
        isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "set_password"
        and ast.unparse(node.func.value) in ("user", "self", "row") for node in ast.walk(tree)
    )}  # fmt: skip
    assert writers == {"access/passwords.py"}

    def never(*_given):
        raise ValidationError("not today")

    monkeypatch.setattr(passwords, "validate_password", never)
    monkeypatch.setattr(links, "validate_password", never)
    fine = "a perfectly fine horse"
    with pytest.raises(ValidationError, match="not today"):
        links.redeem(links.issue(world.stan, links.RESET, NOW).rpartition("/")[2], fine, address="", now=NOW)
    with pytest.raises(ValidationError, match="not today"):
        passwords.set_password(world.actor(world.olga), world.stan, fine, now=NOW)


LOOKUPS = ("__regex", "__iregex", "~*", "SIMILAR TO")


def test_n34_no_expression_of_a_user_is_ever_compiled():
    """Every pattern is a constant of ours, and the database is given none."""
    for name, tree in sources():
        if name.startswith(("migrations/", "management/demo/")):
            continue
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [text for text in texts for lookup in LOOKUPS if lookup in text], name
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
                # rf"…{addresses.LABEL}…": a name of ours in capitals.
                names = [each for each in ast.walk(node.args[0]) if isinstance(each, ast.Name)]
                assert all(each.id.isupper() or each.id == "addresses" for each in names), (
                    f"{name}: {ast.unparse(node)}"
                )


@pytest.mark.parametrize("number", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_n34_no_header_and_no_body_takes_longer_than_a_second(world: World, number: int):
    script, browser = Script(world.olga), signed_in(world.olga, raise_request_exception=False)
    hostile = (
        "a" * 8000, "," * 8000, ";q=0." * 1500, '"' * 8000, "=" * 8000, "(" * 4000, " \t" * 4000, "%" * 8000,
        "bytes=" + "0-1," * 2000, "W/" * 4000, "a=b;" * 2000, "en-" * 2600, "[" * 8000, "\\" * 8000, "é" * 4000,
    )  # fmt: skip
    names = ("Accept", "Accept-Language", "Accept-Encoding", "Cookie", "If-Match", "If-None-Match", "If-Modified-Since",
             "Range", "Content-Type", "Authorization", "HX-Current-URL", "Idempotency-Key", "X-CSRFToken", "User-Agent",
             "Referer", "Origin", "X-Forwarded-For", "Host", "Forwarded", "Sec-Fetch-Site")  # fmt: skip
    bodies = ("[" * 3000, '{"a":' * 3000, "a=b&" * 4000, "&" * 9000, "%" * 9000, '"' + "\\u0000" * 1500 + '"',
              "1" * 9000, "1e" + "9" * 400, "--x\r\n" * 2000, "=" * 9000)  # fmt: skip
    slowest, asked = (0.0, ""), 0
    for turn in range(number):
        name, value = names[turn % len(names)], hostile[(turn // len(names)) % len(hostile)]
        body = bodies[turn % len(bodies)]
        client = script.client if turn % 2 else browser
        began = time.thread_time()
        path = "/api/v1/actions/update-customer-alerts/preview" if turn % 2 else "/customers/columns"
        kind = "application/json" if turn % 3 else "multipart/form-data; boundary=x"
        answer = client.post(path, body, content_type=kind, headers={name: value[: 4000 + turn % 4000]})
        slowest = max(slowest, (time.thread_time() - began, f"{name} {value[:20]} {body[:20]}"))
        assert answer.status_code < 500, (name, value[:20], body[:20])
        asked += 1
    assert asked == number
    assert slowest[0] < 1, slowest


PLACEHOLDERS = ("{{ 7*7 }}", "{% load static %}", "{0.__class__}", "%(password)s", "${7*7}", "#{7*7}", "<%= 7*7 %>",
                "{user.password}", "%s %d %n", "$SECRET_KEY", "{{ request.user.password }}")  # fmt: skip


def test_n35_what_people_write_is_text_and_never_a_template(world: World):
    assert not [name for name, text in texts().items() if any(word in text for word in (
        "from_string(", "django.template.Template", "import Template", "jinja2", "format_map(",
    ))]  # fmt: skip
    CustomerDetail.objects.filter(pk=world.contoso.pk).update(contact_email="desk@contoso.example")
    World.confirmed(world.contoso, "desk@contoso.example")
    Customer.objects.filter(pk=world.contoso.pk).update(name=PLACEHOLDERS[0], name_key=PLACEHOLDERS[0])
    text = "\n".join(PLACEHOLDERS)
    raw = {"to": ["desk@contoso.example"], "subject": " ".join(PLACEHOLDERS[:9]), "message": text, "copy": False}
    submit(world.actor(world.olga), MENU["support-email"], select={"ids": [world.contoso.pk]}, raw=raw, now=NOW)
    mail = OutboxMessage.objects.get().payload
    assert (mail["subject"], text_of(mail)) == (raw["subject"], text)
    page = signed_in(world.olga).get(f"/mailbox/{OutboxMessage.objects.get().pk}").content.decode()
    assert "49" not in page.partition("<pre")[2].partition("</pre>")[0]


def test_n37_a_secret_of_one_purpose_is_none_of_another(world: World):
    """What one door gave, every other door refuses."""
    assert settings.SIGNED_COOKIE_LEGACY_SALT_FALLBACK is False
    browser = signed_in(world.olga)
    page = spot.seal(spot.Spot("name", "contoso", 1, 1))
    made = {
        "session": browser.cookies[settings.SESSION_COOKIE_NAME].value,
        "csrf": Client().get("/sign-in").cookies[settings.CSRF_COOKIE_NAME].value,
        "link": links.issue(world.olga, links.RESET, NOW).rpartition("/")[2],
        "token": Script(world.olga).token,
        "page": page,
        "sealed": seal.seal("secret", owner="app:1"),
        "signed": signing.dumps({"user": world.olga.pk}),
        "cookie": signing.get_cookie_signer(salt="session").sign(str(world.olga.pk)),
        "keyed": seal.keyed_hashes("secret", owner="recovery:1")[0],
    }
    for name, secret in made.items():
        taken = doors(secret)
        assert taken == {name} & {"session", "link", "token", "page"}, name
    owners = ("app:1", "app:11", "provider:1", "letter:1", "letter:app:1", "recovery:1", "")
    for owner in owners:
        sealed = seal.seal("secret", owner=owner)
        for other in owners:
            if other != owner:
                with pytest.raises(seal.Unreadable):
                    seal.unseal(sealed, owner=other)
    assert len({seal.keyed_hashes("x", owner=owner)[0] for owner in owners}) == len(owners)


def doors(secret: str) -> set[str]:
    """The doors that take it."""
    found = set()
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = secret
    if browser.get("/account").status_code == 200:
        found.add("session")
    with suppress(links.DeadLink):
        found |= {"link"} if links.find(secret, NOW) else set()
    if actor_for_token(f"Token {secret}", "", now=NOW):
        found.add("token")
    with suppress(InvalidParams):
        found |= {"page"} if spot.unseal(secret, sort="name", field="after") else set()
    for owner in ("app:2", "provider:1", ""):
        with suppress(seal.Unreadable):
            found |= {"sealed"} if seal.unseal(secret, owner=owner) else set()
    return found


TOOLS = {
    "ruff": (
        ["-m", "ruff", "check", "--no-cache", "--extend-ignore", "INP001"],
        "import os\nos.system('x')\neval('1')\n",
    ),
    "mypy": (["-m", "mypy", "--no-incremental", "--strict"], "def f(x: int) -> str:\n    return x\n"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_n42_a_tool_that_looks_finds_a_planted_fault(tmp_path: Path, tool: str):
    """The layers and our own rules: tests/test_architecture.py; the crawls, the wall and the matrix plant theirs."""
    command, fault = TOOLS[tool]
    for name, text, right in (("planted.py", fault, False), ("clean.py", '"""Clean."""\n', True)):
        (tmp_path / name).write_text(text)
        root = SOURCE.parent
        config = ["--config-file", "/dev/null"] if tool == "mypy" else ["--config", str(root / "pyproject.toml")]
        done = subprocess.run([sys.executable, *command, *config, str(tmp_path / name)], check=False, cwd=root,
                              capture_output=True, text=True)  # fmt: skip
        assert (done.returncode == 0) is right, done.stdout + done.stderr
