"""What a provider says about itself, read when an administrator saves it and kept with its record."""

from __future__ import annotations

from dataclasses import dataclass

from bailiwick.access.sso import back_channel

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the browser and we go."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


def discover(issuer: str) -> Endpoints:
    """Reads the issuer's own document (OpenID Connect Discovery 1.0). Raises Unreachable."""
    said = back_channel.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if said.get("issuer") != issuer:
        raise back_channel.Unreachable("The document there names another issuer.")
    found = {name: said.get(name) for name in Endpoints.__dataclass_fields__}
    for name, url in found.items():
        if not (isinstance(url, str) and len(url) <= LONGEST and back_channel.is_allowed(url)):
            raise back_channel.Unreachable(f"The document there has no usable {name}.")
    return Endpoints(**{name: str(url) for name, url in found.items()})
