"""Where a page leads after it was asked for an address of its own: only to a path of this portal (N-21)."""

from __future__ import annotations

from itertools import product
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client

from bailiwick.web.people.addresses import safe_next
from tests.web.conftest import signed_in
from tests.world import PASSWORD, World

PREFIXES = ("", "/", "//", "///", "\\", "/\\", "\\/", "/\t/", "\t//", " //", "\n//", "/%09/", "%2f%2f", "/%2f", "/.//",
            "/..//", ".//", "//@", "/@", "http:", "https:", "http:/", "https://", "http:///", "HTTPS://", "hTTp:\\\\",
            "javascript:", "JaVaScRiPt://%0a", "data:text/html,", "vbscript:", "ftp://", "file:///", "blob:", "ws://",
            "/\\/", "//;@", "\x00//", "\x0b//", "//127.0.0.1@", "//localhost:80@", "//testserver@",
            "//testserver.")  # fmt: skip
HOSTS = ("evil.example", "evil.example/sign-in", "evil.example%2f", "testserver.evil.example", "[::1]", "0x7f000001")
FORMS = [prefix + host for prefix, host in product(PREFIXES, HOSTS)]


def leaves(target: str) -> bool:
    """As a browser reads it: tabs and line breaks are nothing, a backslash is a slash."""
    read = "".join(character for character in target if character not in "\t\r\n").replace("\\", "/").strip("\x00\x0b ")
    try:
        address = urlsplit(urljoin("http://testserver/sign-in", read))
    except ValueError:
        return True
    return address.netloc != "testserver" or address.scheme != "http"


def test_n21_the_corpus_leads_away():
    assert len(FORMS) > 200
    assert sum(leaves(form) for form in FORMS) > 150


def test_n21_no_form_of_the_corpus_leads_out_of_the_portal():
    assert [form for form in FORMS if leaves(safe_next(form))] == []
    assert safe_next("/customers?search=a%20b#top") == "/customers?search=a%20b#top"


@pytest.mark.parametrize("step", ["sign-in", "confirm"])
def test_n21_the_pages_that_take_an_address_ask_for_it_so(world: World, step: str):
    """A few of them through each page that takes one; where a page leads is a header, not what was posted."""
    some = FORMS[::16]
    if step == "sign-in":
        browser = signed_in(world.olga)
        led = [browser.get(f"/sign-in?next={quote(form)}")["Location"] for form in some]
        page = "".join(Client().get(f"/sign-in?next={quote(form)}").content.decode() for form in some)
        assert 'value="/"' in page
        assert 'value="//' not in page
    else:
        world.olga.set_password(PASSWORD)
        world.olga.save()
        browser = signed_in(world.olga)
        led = [browser.post("/account/confirm", {"password": PASSWORD, "next": form}).get("Location", "/")
               for form in some[:6]]  # fmt: skip
    assert [each for each in led if leaves(each)] == []


def test_n21_a_fragments_request_leads_to_a_path_whatever_page_it_says_it_is_on(db):
    for form in FORMS[::8]:
        answer = Client().get("/customers", headers={"HX-Request": "true", "HX-Current-URL": quote(form, safe=":/@[]")})
        assert not leaves(answer["HX-Redirect"])
        assert answer["HX-Redirect"].startswith("/sign-in?next=")


def test_n21_an_address_without_its_slash_does_not_become_another_host(db):
    for path in ("//evil.example/..", "/\\evil.example", "//evil.example"):
        answer = Client().get(path)
        assert not leaves(answer.get("Location", "/"))
