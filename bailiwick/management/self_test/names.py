"""What may stand in the place of a parameter: the id that is asked for, in every form in which it may be written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bailiwick.access.properties import BY_NAME
from bailiwick.actions import MENU
from bailiwick.engine.forms.schema import params_schema
from bailiwick.engine.listing.criteria import COLUMNS
from bailiwick.engine.listing.filters import FIELDS
from bailiwick.engine.listing.lookup import SOURCES
from bailiwick.management.self_test.sides import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bailiwick.engine.action import Action
    from bailiwick.management.self_test.routes import Route
    from bailiwick.management.self_test.sides import Id

    Written = Callable[[Id], Any]

# Words that stand in paths where no id does, by the beginning of the path and the parameter.
# A parameter that is neither here nor an id is a finding: add it here.
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("account", "what"): ("name", "remove"),
    ("users", "what"): (
        "role", "disable", "enable", "unlock", "reset", "delete", "end-sessions", "reset-factor",
    ),
    ("pick", "what"): tuple(SOURCES),
    ("actions", "slug"): tuple(MENU),
    ("rollouts", "deed"): ("pause", "continue", "take-back"),
    # These are told apart within a customer, whose id stands before them.
    ("customers", "slug"): ("segment", "limits"),
    ("customers", "module"): ("firewall", "analytics"),
    ("customers", "local_id"): ("1",),
    ("customers", "version"): ("1",),
    ("properties", "name"): (next(iter(BY_NAME)),),
    ("system-properties", "name"): (next(iter(BY_NAME)),),
}  # fmt: skip
# The secret is the key: who holds it is who it was sent to.
SECRETS = ("secret",)
FILTERS = [*FIELDS, *(f"{name}.eq" for name in COLUMNS), *(f"{name}.in" for name in COLUMNS)]
PAGING = ("after", "before", "sort", "columns", "ticket")


def words(route: Route) -> dict[str, tuple[str, ...]]:
    """The words that may stand in the path, by parameter."""
    beginning = route.pattern.removeprefix("api/v1/").split("/")[0]
    return {name: WORDS[beginning, name] for name in route.parameters if (beginning, name) in WORDS}


def spellings(name: str) -> Iterator[Written]:
    """How the id may be written in the parameter of this name."""
    if name == "select":
        yield lambda which: json.dumps({"ids": [which.number]})
        yield lambda which: json.dumps({"ids": [OWN.number, which.number]})
        yield lambda which: json.dumps({"ticket": str(which.uuid)})
        yield lambda which: json.dumps({"matching": {"partner": which.number}})
        return
    yield lambda which: str(which.number)
    if name not in FILTERS:
        yield lambda which: str(which.uuid)
    if name in ("role", "base"):
        yield lambda which: f"custom:{which.number}"


def json_selects() -> Iterator[Written]:
    """The same selections as JSON."""
    for spelling in spellings("select"):
        yield lambda which, spelling=spelling: json.loads(spelling(which))  # type: ignore[misc]


def harmless(name: str, schema: Mapping[str, Any] | None = None) -> Any:
    """A value that a field may take, so that the others are looked at."""
    schema = schema or {}
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    found = {"boolean": True, "integer": OWN.number, "array": [], "object": {}}.get(str(kind))
    return found if found is not None else "a@self-test.invalid" if "email" in name else "Text"


def sample(action: Action) -> dict[str, Any]:
    """Values for what the action's form requires."""
    schema = params_schema(action.Params)
    return {name: harmless(name, schema["properties"][name]) for name in schema.get("required", ())}


def fields(action: Action) -> list[str]:
    """The names of the action's form."""
    return list(params_schema(action.Params)["properties"])
