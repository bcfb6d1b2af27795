"""`bailiwick up --tls`: a certificate of its own, and cookies that browsers send back over TLS only."""

import ssl
import urllib.request
from datetime import UTC, datetime, timedelta

from cryptography import x509

from bailiwick.up import certificate
from bailiwick.up.certificate import own_certificate


def test_the_key_is_nobody_elses_and_the_certificate_stays_until_it_is_about_to_end(tmp_path, monkeypatch):
    first = own_certificate(tmp_path)
    assert [file.stat().st_mode & 0o777 for file in first] == [0o600, 0o600]
    text = first.certificate.read_bytes()
    assert own_certificate(tmp_path).certificate.read_bytes() == text
    found = x509.load_pem_x509_certificate(text)
    assert timedelta(days=397) < found.not_valid_after_utc - datetime.now(UTC) < timedelta(days=399)
    monkeypatch.setattr(certificate, "RENEWED", timedelta(days=399))
    assert own_certificate(tmp_path).certificate.read_bytes() != text


def test_a_half_made_one_is_made_anew(tmp_path):
    own_certificate(tmp_path).key.unlink()
    assert own_certificate(tmp_path).key.exists()


def test_the_portal_speaks_tls_and_its_cookies_go_nowhere_else(old_portal):
    old_portal.more = ("--tls",)
    url = old_portal.url.replace("http:", "https:")
    assert f"Bailiwick runs at {url}\n" in old_portal.start()
    trusted = ssl.create_default_context(cafile=str(own_certificate(old_portal.home).certificate))
    with urllib.request.urlopen(f"{url}/sign-in", context=trusted, timeout=10) as answer:
        cookies, hsts = answer.headers.get_all("Set-Cookie"), answer.headers["Strict-Transport-Security"]
    assert cookies
    assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)
    assert hsts
