"""Every answer carries the headers that keep a browser strict; errors and redirects too."""

import os
import subprocess
import sys

import pytest
from django.test import Client

WANTED = {
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize(
    "path", ["/sign-in", "/", "/users", "/link/none", "/forgot-password", "/nothing/here", "/api/none"]
)
def test_every_answer_is_strict(db, path):
    answer = Client().get(path)
    for name, value in WANTED.items():
        assert value in answer.get(name, ""), name
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} <= {
        part.strip() for part in policy.split(";")
    }


def test_a_refused_form_is_strict_too(db):
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"email": "a", "password": "b"})
    assert answer.status_code == 403
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_cookies_are_closed_to_scripts_and_other_sites(db):
    answer = Client().get("/sign-in")
    for cookie in answer.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_over_tls_cookies_have_the_host_prefix_and_browsers_stay_on_it():
    code = (
        "from django.conf import settings as s; import bailiwick.web.headers as h;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, len(h.HEADERS) == 8)"
    )
    environment = {**os.environ, "BAILIWICK_TLS": "1", "DJANGO_SETTINGS_MODULE": "bailiwick.settings"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__Host-session", "__Host-csrf", "True", "True"]
