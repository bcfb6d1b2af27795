"""The way to a provider and back: code flow with PKCE, state and nonce; every answer is good once."""

from __future__ import annotations

import secrets
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from bailiwick import seal
from bailiwick.access.sso import back_channel, claims
from bailiwick.access.sso.claims import NotVouched

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bailiwick.models import IdentityProvider

SCOPE = "openid email profile"
PATIENCE_SECONDS = 600


def begin(
    provider: IdentityProvider, *, back: str, email: str, target: str, now: datetime
) -> tuple[str, dict[str, Any]]:
    """Where the browser goes, and what its session must remember."""
    verifier = secrets.token_urlsafe(48)
    kept: dict[str, Any] = {
        "provider": provider.pk, "state": secrets.token_urlsafe(32), "nonce": secrets.token_urlsafe(32),
        "verifier": verifier, "back": back, "next": target, "at": now.timestamp(),
    }  # fmt: skip
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": back, "scope": SCOPE,
        "state": kept["state"], "nonce": kept["nonce"], "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    if email:
        asked["login_hint"] = email
    joint = "&" if "?" in provider.authorization_endpoint else "?"
    return f"{provider.authorization_endpoint}{joint}{urlencode(asked)}", kept


def finish(
    provider: IdentityProvider, kept: Mapping[str, Any], answer: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """Returns the claims of who came back. Raises NotVouched."""
    if now.timestamp() - kept["at"] > PATIENCE_SECONDS:
        raise NotVouched("It took too long.")
    if not compare_digest(answer.get("state", "").encode("utf-8", "replace"), kept["state"].encode()):
        raise NotVouched("The answer is not to our question.")
    if answer.get("iss", provider.issuer) != provider.issuer:
        raise NotVouched("Another provider answered.")
    if not answer.get("code"):
        raise NotVouched(f"The provider said no: {answer.get('error', 'no code')[:64]!r}.")
    try:
        given = _exchange(provider, kept, answer["code"])
        keys = back_channel.get(provider.jwks_uri)
    except (back_channel.Unreachable, seal.Unreadable) as error:
        raise NotVouched(getattr(error, "reason", "The client secret cannot be read.")) from error
    return claims.read(given.get("id_token"), keys, provider, nonce=kept["nonce"], now=now)


def _exchange(provider: IdentityProvider, kept: Mapping[str, Any], code: str) -> dict[str, Any]:
    secret = seal.unseal(provider.sealed, owner=owner_of(provider.domain))
    pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": kept["back"],
        "code_verifier": kept["verifier"],
    }  # fmt: skip
    return back_channel.post(
        provider.token_endpoint, form, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    )


def owner_of(domain: str) -> str:
    """Whom the client secret is sealed for."""
    return f"provider:{domain}"
