"""The menu as the doors see it: which entries this actor has, and the entry of a slug."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.engine.action import Change, UnknownAction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bailiwick.access.actor import Actor
    from bailiwick.engine.action import Action


class Menu(dict[str, "Action"]):
    """Actions by slug, in the order of the screen."""

    def __init__(self, entries: Iterable[Action]) -> None:
        super().__init__((entry.slug, entry) for entry in entries)

    def entry(self, slug: str) -> Action:
        """Returns the entry. Raises UnknownAction."""
        if slug not in self:
            raise UnknownAction(slug)
        return self[slug]

    def of(self, actor: Actor) -> Iterator[Action]:
        """The entries that the actor's role may use."""
        return (action for action in self.values() if actor.may(action.permission))


def why_pointless(actor: Actor, action: Action, ids: Sequence[int]) -> str:
    """Why the action has nothing to do with any of these few customers; nothing where it has, or none is there."""
    if not ids or not isinstance(action, Change) or not action.pointless:
        return ""
    is_so, because = action.pointless
    rows = action.rows(actor).filter(pk__in=ids)
    return str(because) if rows.exists() and not rows.exclude(is_so).exists() else ""
