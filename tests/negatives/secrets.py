"""Every secret that the portal is ever told, planted as its doors plant it, each with a name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from bailiwick.access import devices, letters, links, tokens
from bailiwick.access.factor import app, enrolment
from bailiwick.access.sso.journey import owner_of
from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, IdentityProvider
from bailiwick.seal import seal
from tests.world import PASSWORD

if TYPE_CHECKING:
    from bailiwick.models import User
    from tests.world import World

LETTER = "Canary: the gateway key is 7f1c9a"
CLIENT_SECRET = "canary-of-the-identity-provider"
FORMER = "canary battery staple one"


def plant(world: World) -> dict[str, str]:
    """All of Carla's and of Olga's: what must never be seen again, by name."""
    now, found = timezone.now(), {"password": PASSWORD, "a former password": FORMER}
    for user in (world.olga, world.carla):
        found |= {f"{name} of {user.email}": secret for name, secret in _of(world, user).items()}
    world.zenith.identity_providers.add(_provider(world), bulk=False)
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=True)
    raw = {"to": [world.carla.email], "subject": "Tonight", "message": LETTER, "copy": False}
    submit(world.actor(world.olga), MENU["support-email"], select={"ids": [world.contoso.pk]}, raw=raw, now=now)
    return found | {"the text of a mail": LETTER, "a client secret": CLIENT_SECRET, "the key": settings.SECRET_KEY}


def _of(world: World, user: User) -> dict[str, str]:
    now, actor = timezone.now(), world.actor(user)
    for password in (FORMER, PASSWORD):
        links.redeem(_secret(letters.send_reset(user, now=now)), password, address="192.0.2.1", now=now)
        user.refresh_from_db()
    browser = Client()
    browser.post("/sign-in", {"email": user.email, "password": PASSWORD})
    browser.get("/account")
    key = app.new_secret()
    codes = enrolment.add_app(actor, user, key, pyotp.TOTP(key).at(now), now=now)
    made = {name: browser.cookies[cookie].value for name, cookie in _cookies().items()}
    return made | {
        "the app's secret": key,
        "a recovery code": codes[0],
        "a token": tokens.create(world.actor(world.olga), user, name="t", now=now, life=timedelta(days=1)),
        "a reset link": _secret(letters.send_reset(user, now=now)),
        "an invitation": _secret(letters.send_invitation(user, now=now)),
        "a sign-in link": _secret(links.issue(user, links.SIGN_IN, now)),
        "another device": devices.remember(user, "", now),
    }


def _cookies() -> dict[str, str]:
    return {"a session": settings.SESSION_COOKIE_NAME, "a known browser": settings.DEVICE_COOKIE_NAME}


def _secret(path: str) -> str:
    return path.rpartition("/")[2]


def _provider(world: World) -> IdentityProvider:
    return IdentityProvider(
        level="partner", partner=world.zenith, domain="zenith.example", issuer="https://sso.example", client_id="c",
        sealed=seal(CLIENT_SECRET, owner=owner_of("zenith.example")), created_at=timezone.now(),
        authorization_endpoint="https://sso.example/a", token_endpoint="https://sso.example/t",
        jwks_uri="https://sso.example/k",
    )  # fmt: skip


def dump() -> str:
    """Every row of every table, as a thief of a backup reads it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [row[0] for row in cursor.fetchall()]
        parts = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" t")
            parts.append(f"{table}\n{cursor.fetchone()[0]}")
    return "\n".join(parts)


def halves(secret: str) -> list[str]:
    """A token is its public half and its secret one; of a code the hyphens are for the eye."""
    return [secret.split("_", 2)[2] if secret.startswith("bw_") else secret.replace("-", "")
            if secret.isupper() else secret]  # fmt: skip


def seen(secrets: dict[str, str], text: str) -> list[str]:
    """The names of those that the text holds."""
    return [name for name, secret in secrets.items() if secret in text or any(half in text for half in halves(secret))]
