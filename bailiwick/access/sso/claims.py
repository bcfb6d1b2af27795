"""Whether an ID token is from this provider, for us, for this sign-in, and of now."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import KeySet

if TYPE_CHECKING:
    from datetime import datetime

    from joserfc.jwt import ClaimsOption

    from bailiwick.models import IdentityProvider

# Public-key signatures only: with a shared one, or none, the token could be anybody's.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY_SECONDS = 60
TEXT_LENGTH = 255
ESSENTIAL: ClaimsOption = {"essential": True}


class NotVouched(Exception):  # noqa: N818 -- reads as the sentence it is
    """The sign-in failed: `reason` is for the event, never for the stranger."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(token: Any, keys: dict[str, Any], provider: IdentityProvider, *, nonce: str, now: datetime) -> dict[str, Any]:
    """Returns the claims of the token (OpenID Connect Core 3.1.3.7). Raises NotVouched."""
    if not isinstance(token, str):
        raise NotVouched("The provider sent no ID token.")
    try:
        claims = dict(jwt.decode(token, _public(keys), algorithms=list(ALGORITHMS)).claims)
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=LEEWAY_SECONDS,
            iss=ESSENTIAL, sub=ESSENTIAL, aud=ESSENTIAL, exp=ESSENTIAL, iat=ESSENTIAL,
        )  # fmt: skip
        registry.validate(claims)
    except Exception as error:  # whatever a hostile provider sends makes a parser stumble
        raise NotVouched(f"The ID token is not right: {type(error).__name__}.") from error
    _is_ours(claims, provider, nonce)
    return claims


def _is_ours(claims: dict[str, Any], provider: IdentityProvider, nonce: str) -> None:
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    said = claims.get("nonce")
    wrong = {
        "The ID token names another issuer.": claims["iss"] != provider.issuer,
        "The ID token is for somebody else.": provider.client_id not in audience,
        "The ID token was given to somebody else.": claims.get("azp", provider.client_id) != provider.client_id
        or (len(audience) > 1 and "azp" not in claims),
        "The ID token is of another sign-in.": not (
            isinstance(said, str) and compare_digest(said.encode(), nonce.encode())
        ),
        "The ID token names nobody.": not 0 < len(claims["sub"]) <= TEXT_LENGTH or "\0" in claims["sub"],
    }
    for reason, is_so in wrong.items():
        if is_so:
            raise NotVouched(reason)


def _public(keys: dict[str, Any]) -> KeySet:
    """Symmetric keys have no business in a published set."""
    listed = keys.get("keys")
    found = [key for key in listed if isinstance(key, dict) and key.get("kty") != "oct"] if listed else []
    return KeySet.import_key_set({"keys": found})
