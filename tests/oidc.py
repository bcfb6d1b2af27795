"""A small OpenID Connect provider for tests, a process of its own on loopback; `/lie` makes it misbehave once."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT, SECRET = "bailiwick", "provider secret: %/+é"
KEYS = {
    "right": RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}),
    "other": RSAKey.generate_key(2048, {"kid": "one"}),
}
STATE: dict = {"codes": {}, "lie": {}, "asked": []}


class Provider(BaseHTTPRequestHandler):
    """Authorization code flow with PKCE; whoever asks is signed in as the login hint says."""

    def log_message(self, *_args: object) -> None: ...

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        STATE["asked"].append(parts.path)
        if parts.path == "/.well-known/openid-configuration":
            self.answer(self.description())
        elif parts.path == "/jwks":
            self.answer(
                {"keys": [KEYS["right"].as_dict(private=False)]}
                if not STATE["lie"].get("keys")
                else STATE["lie"]["keys"]
            )
        elif parts.path == "/asked":
            self.answer({"asked": STATE["asked"]})
        elif parts.path == "/authorize":
            self.authorize(asked)
        else:
            self.answer({}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/lie":
            STATE["lie"] = json.loads(body)
            self.answer({})
        elif self.path == "/token":
            STATE["asked"].append("/token")
            time.sleep(STATE["lie"].get("slow", 0))
            self.token(dict(parse_qsl(body.decode())))

    def description(self) -> dict:
        here = f"http://127.0.0.1:{self.server.server_port}"
        urls = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        return {
            "issuer": here,
            **{name: here + path for name, path in urls.items()},
            **STATE["lie"].get("description", {}),
        }

    def authorize(self, asked: dict) -> None:
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
        code = secrets.token_urlsafe(16)
        STATE["codes"][code] = asked
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        self.end_headers()

    def token(self, form: dict) -> None:
        asked = STATE["codes"].pop(form.get("code"), None)
        name, _colon, secret = base64.b64decode(self.headers["Authorization"].split()[1]).decode().partition(":")
        if asked is None or (unquote(name), unquote(secret)) != (CLIENT, SECRET):
            return self.answer({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return self.answer({"error": "invalid_grant"}, 400)
        return self.answer({"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(asked)})

    def id_token(self, asked: dict) -> str:
        lie, now = STATE["lie"], int(time.time())
        email = lie.get("email", asked.get("login_hint", "nobody@example.com"))
        claims = {
            "iss": f"http://127.0.0.1:{self.server.server_port}", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "sub": hashlib.sha256(email.encode()).hexdigest(), "email": email,
            "email_verified": True, "given_name": "Grace", "family_name": "Hopper", **lie.get("claims", {}),
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        if lie.get("sign") == "none":
            parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        if lie.get("sign") == "public key as password":
            pem = KEYS["right"].as_pem(private=False)
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(pem), algorithms=["HS256"])
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEYS[lie.get("sign", "right")])

    def answer(self, said: object, status: int = 200) -> None:
        raw = b" " * STATE["lie"].get("big", 0) + json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


class Handle:
    """The provider as a test holds it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def lie(self, **how: object) -> None:
        request = urllib.request.Request(self.issuer + "/lie", json.dumps(how).encode())
        urllib.request.urlopen(request, timeout=5).close()

    def asked(self) -> list[str]:
        with urllib.request.urlopen(self.issuer + "/asked", timeout=5) as answer:
            return json.load(answer)["asked"]


@pytest.fixture(scope="session")
def oidc_process() -> Iterator[Handle]:
    """One provider for the session of this test process."""
    process = subprocess.Popen([sys.executable, "-m", "tests.oidc"], stdout=subprocess.PIPE, text=True)
    yield Handle(f"http://127.0.0.1:{int(process.stdout.readline())}")
    process.terminate()
    process.wait(10)


@pytest.fixture
def oidc(oidc_process: Handle) -> Iterator[Handle]:
    """An honest provider, until the test says otherwise."""
    oidc_process.lie()
    yield oidc_process
    oidc_process.lie()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(server.server_port, flush=True)
    server.serve_forever()
