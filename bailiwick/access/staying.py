"""Whether who came in may still stay: asked again and again while something goes on that takes long (N-19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.access import sessions, tokens
from bailiwick.access.actor import actor_now

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor


def actor_still(actor: Actor) -> Actor | None:
    """The actor with the rights of this moment; None where the user, his session or his token was ended meanwhile."""
    if actor.entry.token_id and not tokens.still_lives(actor.entry.token_id):
        return None
    if actor.entry.session and not sessions.still_stands(actor):
        return None
    return actor_now(actor.user_id, door=actor.door, address=actor.address)
