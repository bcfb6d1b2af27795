"""What an edge really gets: its profile's modules with its own settings over them, and all that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bailiwick.access.prepared import rows
from bailiwick.engine.configuration.check import invalid
from bailiwick.engine.configuration.kinds import EDGE_SETTINGS, KINDS, MODULES
from bailiwick.engine.configuration.schema import Fault, faults, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bailiwick.models import ConfigurationObject

# Downwards: the profile with its parts, the edge's own settings, and whatever they name, at any distance.
REACHED = """
WITH RECURSIVE reached (id) AS (
  SELECT o.local_id FROM bailiwick_configurationobject o WHERE o.customer_id = %(customer)s
    AND (o.local_id IN (%(profile)s, %(own)s) OR o.parent_id = %(profile)s AND o.edge_id IS NULL)
  UNION
  SELECT f.to_id FROM reached r JOIN bailiwick_configurationreference f
    ON f.customer_id = %(customer)s AND f.from_id = r.id
)
SELECT o.local_id, o.kind, o.name, o.position, o.body
FROM reached r JOIN bailiwick_configurationobject o ON o.customer_id = %(customer)s AND o.local_id = r.id
ORDER BY o.position, o.name_key, o.local_id
"""
NOBODY = 0  # no object has this id


class Reached(NamedTuple):
    """One object that the edge is led to."""

    local_id: int
    kind: str
    name: str
    position: int
    body: dict[str, Any]


def effective(settings: ConfigurationObject | None) -> dict[str, Any]:
    """The document of the edge with these settings; without any, an empty one."""
    if settings is None:
        return _document(None, {}, [])
    found = _reached(settings.customer_id, settings.parent_id, settings.local_id)
    return _document(settings.parent_id, settings.body, found)


def modules_of(customer_id: int, profile_id: int | None) -> dict[str, dict[str, Any]]:
    """What the profile says, a module each."""
    return _modules(_reached(customer_id, profile_id)) if profile_id else {}


def usual(module: str) -> dict[str, Any]:
    """What a module says where nobody said anything."""
    members = schema_of(module)["properties"].items()
    return {name: inner["default"] for name, inner in members if "default" in inner}


def require_whole(customer_id: int, profile_id: int | None, overrides: Mapping[str, Any]) -> None:
    """Raises InvalidParams where a module would not be valid with an edge's settings over it."""
    profile, wrong = modules_of(customer_id, profile_id), []
    for module, over in overrides.items():
        found = faults(module, merged(profile.get(module, {}), over))
        wrong += [Fault(f"/{module}{each.path}", each.code, each.because) for each in found]
    if wrong:
        raise invalid(wrong)


def merged(under: Any, over: Any) -> Any:
    """The members of objects, each for itself; anything else is replaced whole."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **{name: merged(under.get(name), value) for name, value in over.items()}}
    return over


def otherwise(under: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    """The part of what is said that is not there below: merged over it, it says the same again."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        below = under.get(name) if isinstance(under, dict) else None
        if isinstance(value, dict) and isinstance(below, dict):
            if part := otherwise(below, value):
                found[name] = part
        elif name not in under or value != below:
            found[name] = value
    return found


def _reached(customer_id: int, profile_id: int | None, own: int = NOBODY) -> list[Reached]:
    asked = {"customer": customer_id, "profile": profile_id or NOBODY, "own": own}
    return [Reached(*row) for row in rows(REACHED, asked)]


def _modules(found: Iterable[Reached]) -> dict[str, dict[str, Any]]:
    """Where a profile has several of one kind, a later one is laid over an earlier one."""
    said: dict[str, dict[str, Any]] = {}
    for each in found:
        if each.kind in MODULES:
            said[each.kind] = merged(said.get(each.kind, {}), each.body)
    return said


def _document(profile_id: int | None, overrides: Mapping[str, Any], found: list[Reached]) -> dict[str, Any]:
    profile = next((each for each in found if each.local_id == profile_id), None)
    told: dict[str, Any] = {
        "profile": {"id": profile.local_id, "name": profile.name} if profile else None,
        "modules": merged(_modules(found), dict(overrides)),
        "rules": {},
        "objects": {},
    }
    for each in found:
        kind = KINDS[each.kind]
        if kind.ordered:
            told["rules"].setdefault(kind.slug, []).append({"id": each.local_id, "name": each.name, **each.body})
        elif kind.slug not in (*MODULES, "profile", EDGE_SETTINGS):
            told["objects"].setdefault(kind.slug, {})[str(each.local_id)] = {"name": each.name, **each.body}
    return told
