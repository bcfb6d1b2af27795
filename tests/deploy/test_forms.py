"""nginx and the portal agree on who is let in, whatever form a request has; nobody says where he comes from (N-15)."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.browser import PASSWORD
from tests.deploy.forms import FORGED, Form, asked, direct, forms, through

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    Way = Callable[[int, str], socket]

EMAIL, CANARY = "olga@operator.example", "Canary Industries"
SIGN_IN = {"email": EMAIL, "password": PASSWORD}
# By what a page or an answer is known that only somebody who was let in gets.
INSIDE = (CANARY, EMAIL, '"/sign-out"', '"slug"', '"openapi"', '"data": [')
# A redirect out of the portal, or a header that names another host; what was asked for may be quoted behind `next=`.
ELSEWHERE = re.compile(r"(?im)^(location: (?!/(?![/\\]))|(set-cookie|link|access-control)[^\r]*evil)")
REFUSED = (400, 403, 404, 405, 413, 414, 421, 429, 501)


@pytest.fixture(scope="session")  # as its portal: a process may come to this module twice
def identities(proxied_portal) -> dict[str, str]:
    """A stranger, a session and a token, each as the header that says so."""
    portal = proxied_portal.portal
    link = portal.shell("user", "create", EMAIL, "--role", "superuser").strip().rpartition("/")[2]
    token = portal.shell("token", "create", "--user", EMAIL, "--name", "t").strip()
    portal.shell("act", "new-customer", "--as", EMAIL, "--name", CANARY, "--account-number", "C-1")
    posted(direct, portal.port, f"/link/{link}", "127.0.9.1", {"password": PASSWORD, "again": PASSWORD})
    return {"stranger": "", "session": f"Cookie: session={signed_in(portal.port, '127.0.9.1')}",
            "token": f"Authorization: Token {token}"}  # fmt: skip


def posted(way: Way, port: int, path: str, source: str, fields: dict[str, str], *forged: str) -> str:
    """A form sent as a browser does, with the token and the cookie of its page."""
    host = "portal.example.net" if way is through else "127.0.0.1"
    page = asked(way(port, source), Form("GET", path, host, ()).written(""))[1]
    csrf = re.search(r"Set-Cookie: +csrf=(\w+)", page)
    assert csrf, page[:400]
    field = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert field
    body = urlencode(fields | {"csrfmiddlewaretoken": field[1]})
    kind = (
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"Referer: https://{host}{path}",
    )
    head = Form("POST", path, host, (*kind, *forged)).written(f"Cookie: csrf={csrf[1]}")
    return asked(way(port, source), head + body.encode())[1]


def signed_in(port: int, source: str) -> str:
    answer = posted(direct, port, "/sign-in", source, SIGN_IN)
    found = re.search(r"Set-Cookie: +session=(\w+)", answer)
    assert found, answer[:800]
    return found[1]


def decided(status: int, text: str) -> str:
    """Let in or not, as what is shown tells; a proxy's own refusal lets nobody in."""
    return "in" if status < 300 and any(word in text for word in INSIDE) else "out"


# In the quick form each is sent by one of the three, in turn; in the long one by all.
@pytest.mark.parametrize(("number", "every"), [(150, 3), pytest.param(500, 1, marks=pytest.mark.slow)])
def test_n15_proxy_and_portal_decide_alike_whatever_form_a_request_has(
    proxied_portal, identities, number: int, every: int
):
    seen, different = Counter(), []
    for serial, form in enumerate(forms(number)):
        for who in list(identities)[serial % every :: every]:
            header = identities[who]
            source = f"127.0.{10 + serial // 25}.{1 + serial % 25}"
            behind = asked(direct(proxied_portal.portal.port, source), form.written(header))
            front = asked(through(proxied_portal.https, source), form.written(header))
            decisions = (decided(*front), decided(*behind))
            seen[who, decisions[0]] += 1
            if decisions[0] != decisions[1] and not (decisions[0] == "out" and front[0] in REFUSED):
                different.append((who, form, front[0], behind[0]))
            if who == "stranger" and "in" in decisions:
                different.append((who, form, front[0], behind[0]))
            assert front[0] < 500 or front[0] == 501, (form, front)
            assert "6.6.6.6" not in front[1]
            assert not re.search(ELSEWHERE, front[1]), (form, front[1])
    assert different == []
    assert min(seen[who, "in"] for who in ("session", "token")) >= (2 if every > 1 else 15)


def test_n15_no_forged_header_changes_the_address_that_the_portal_writes_down(proxied_portal, identities):
    """Signed in through the proxy from as many addresses as there are forgeries: each event says the true one."""
    claims = [name for name in FORGED if re.search(r"6\.6|127\.0|evil|http$", name) and " :" not in name]
    forged = [tuple(claims[:2]), *((name,) for name in claims[::2])]
    for number, headers in enumerate(forged, 1):
        posted(through, proxied_portal.https, "/sign-in", f"127.0.8.{number}", SIGN_IN, *headers)
    cookie = identities["session"]
    written = asked(
        direct(proxied_portal.portal.port, "127.0.9.1"), Form("GET", "/events.csv", "127.0.0.1", ()).written(cookie)
    )[1]
    assert {f"127.0.8.{number}" for number in range(1, len(forged) + 1)} <= set(re.findall(r"127\.0\.8\.\d+", written))
    assert "6.6.6.6" not in written
    assert "evil" not in written
