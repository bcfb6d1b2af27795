"""Who acts at the shell: the only superuser, or the one named by --as."""

from __future__ import annotations

from bailiwick.access.actor import Actor
from bailiwick.access.login import living_users
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models.addresses import email_key


def actor_at_the_shell(email: str | None) -> Actor:
    """Raises InvalidParams where nobody, or nobody in particular, is meant."""
    users = living_users()
    wanted = users.filter(email_key=email_key(email)) if email else users.filter(level="operator", role="superuser")
    found = list(wanted[:2])
    if len(found) != 1:
        message = (
            f"There is no user {email}." if email else "Say who acts: --as EMAIL (there is not exactly one superuser)."
        )
        raise InvalidParams.one("as", "unknown_user", message)
    return Actor.of(found[0], door="shell")
