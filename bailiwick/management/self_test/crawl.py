"""Asking every route for what is another's, for what was deleted, and for what never was: the answers must be one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from bailiwick.actions import MENU
from bailiwick.management.self_test import names
from bailiwick.management.self_test.ask import ALL, Answer, Portal, Question
from bailiwick.management.self_test.compare import difference, foreign_bytes
from bailiwick.management.self_test.sides import DELETED, FOREIGN, INVENTED, OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bailiwick.management.self_test.routes import Route
    from bailiwick.management.self_test.sides import Id

    Asking = Callable[[Id], Question]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOT_TAKEN, BROKEN = 405, 500


@dataclass(frozen=True, slots=True)
class Finding:
    """A question, and what its answer tells."""

    question: str
    told: str


@dataclass(slots=True)
class Crawl:
    """One asker's way through one route after the other."""

    portal: Portal
    session: str
    bodies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    declared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # Of the parameters of queries and bodies every so-manieth is tried; ids in paths are always.
    step: int = 1
    trials: int = 0
    considered: int = 0

    def route(self, route: Route) -> Iterator[Finding]:
        """What the answers of one route tell of others."""
        known = {*names.words(route), *_id_names(route)}
        unknown = [name for name in route.parameters if name not in known]
        if unknown:
            yield Finding(route.pattern, f"Nobody knows what {unknown} is: see WORDS in self_test/names.py.")
            return
        for words in _worded(route):
            for method in METHODS:
                yield from self._method(route, method, words)

    def own(self, route: Route) -> set[int]:
        """The statuses of the asker's own row there, whatever the method."""
        return {self._ask(self._own(route, method, words)).status for words in _worded(route) for method in METHODS}

    def writes(self, route: Route) -> Iterator[Question]:
        """What writes to the asker's own row there, with a body that goes as far as it can."""
        for words in _worded(route):
            for method in METHODS[1:]:
                own = self._own(route, method, words)
                answer = self._ask(own)
                if answer.status != NOT_TAKEN:
                    yield _bodied(own, self._body(route, words, answer))

    def _own(self, route: Route, method: str, words: dict[str, str]) -> Question:
        return Question(method, route.path(words | _ids(route, OWN)), is_json=route.is_api)

    def _method(self, route: Route, method: str, words: dict[str, str]) -> Iterator[Finding]:
        own = self._own(route, method, words)
        answer = self._ask(own)
        if answer.status == NOT_TAKEN:
            return
        yield from _judged(own, answer)
        bodies = [None] if method == "GET" else [None, self._body(route, words, answer)]
        for name, body in product(_id_names(route), bodies):
            for spelling in _path_spellings(route, name):
                yield from self._trial(_with_path(own, route, words, name, spelling, body))
        if method == "GET":
            yield from self._query(route, own, answer)
        else:
            yield from self._form(own, bodies[-1] or {}, words)

    def _query(self, route: Route, own: Question, answer: Answer) -> Iterator[Finding]:
        asked = answer.query | self.declared.get(route.openapi, frozenset())
        asked |= {*names.FILTERS, *names.PAGING} if ALL in asked else set()
        for name in sorted(asked - {ALL}):
            for spelling in self._due(names.spellings(name)):
                yield from self._trial(lambda which, n=name, s=spelling: _queried(own, {n: s(which)}))  # type: ignore[misc]

    def _form(self, own: Question, body: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[Finding]:
        for name in sorted({*body, *self._ask(_bodied(own, dict(body))).form} - {ALL}):
            for spelling in self._due(_values(own, name)):
                yield from self._trial(lambda which, n=name, s=spelling: _bodied(own, {**body, n: s(which)}))  # type: ignore[misc]
        action = MENU.get(words.get("slug", ""))
        for name in names.fields(action) if action else ():
            for spelling in self._due(names.spellings(name)):
                yield from self._trial(lambda which, n=name, s=spelling: _param(own, body, n, s(which)))  # type: ignore[misc]

    def _due(self, spellings: Iterable[Callable[[Id], Any]]) -> Iterator[Callable[[Id], Any]]:
        for spelling in spellings:
            self.considered += 1
            if self.considered % self.step == 0:
                yield spelling

    def _body(self, route: Route, words: Mapping[str, str], answer: Answer) -> dict[str, Any]:
        """A body that goes as far as it can: what a schema names or a view read, filled with the asker's own."""
        action = MENU.get(words.get("slug", ""))
        if action:
            chosen: Any = {"ids": [OWN.number]}
            params: Any = names.sample(action)
            return {
                "select": chosen if route.is_api else json.dumps(chosen),
                "params": params if route.is_api else json.dumps(params),
                "confirm": 1,
            }
        if route.is_api:
            schema = self.bodies.get(route.openapi, {}).get("properties", {})
            return {name: names.harmless(name, each) for name, each in schema.items()}
        return dict.fromkeys(sorted(answer.form - {ALL}), str(OWN.number))

    def _trial(self, asking: Asking) -> Iterator[Finding]:
        """One question about three ids: what is not the asker's must look as what does not exist."""
        self.trials += 1
        invented, again = self._ask(asking(INVENTED)), None
        for which in (FOREIGN, DELETED):
            question = asking(which)
            answer = self._ask(question)
            yield from _judged(question, answer)
            if difference(answer, invented):
                again = again or self._ask(asking(INVENTED))
                told = difference(answer, invented, again) and self._lasting(question, asking(INVENTED))
                yield from [Finding(str(question), told)] if told else []

    def _lasting(self, question: Question, invented: Question) -> str:
        """What still differs when all is asked anew: keys, numbers and minutes that pass make no finding."""
        nothing = self._ask(invented)
        return difference(self._ask(question), nothing, self._ask(invented))

    def _ask(self, question: Question) -> Answer:
        return self.portal.ask(question, self.session)


def _holds_id(name: str, kind: str) -> bool:
    return kind in ("int", "uuid", "uuidstr") or name.endswith("_id")


def _id_names(route: Route) -> list[str]:
    """Parameters that may hold another's; what is told apart within a customer has a word for it."""
    known = names.words(route)
    held = [name for name, kind in route.parameters.items() if _holds_id(name, kind) or name in names.SECRETS]
    return [name for name in held if name not in known]


def _ids(route: Route, which: Id) -> dict[str, str]:
    return {name: str(_path_spellings(route, name)[0](which)) for name in _id_names(route)}


def _path_spellings(route: Route, name: str) -> list[Callable[[Id], Any]]:
    numbers, uuids = (lambda which: which.number), (lambda which: which.uuid)
    return {"int": [numbers], "uuid": [uuids], "uuidstr": [uuids]}.get(route.parameters[name], [numbers, uuids])


def _worded(route: Route) -> list[dict[str, str]]:
    """Every combination of the words that may stand in the path."""
    found = names.words(route)
    return [dict(zip(found, each, strict=True)) for each in product(*found.values())]


def _with_path(
    own: Question, route: Route, words: dict[str, str], name: str, spelling: Callable[[Id], Any], body: Any
) -> Asking:
    def asking(which: Id) -> Question:
        path = route.path(words | _ids(route, OWN) | {name: str(spelling(which))})
        return Question(own.method, path, body=body, is_json=own.is_json)

    return asking


def _values(own: Question, name: str) -> list[Callable[[Id], Any]]:
    if not own.is_json:
        return list(names.spellings(name))
    if name == "select":
        return list(names.json_selects())
    return [*names.spellings(name), lambda which: which.number, lambda which: [which.number]]


def _queried(own: Question, query: Mapping[str, str]) -> Question:
    return Question(own.method, own.path, query=query, is_json=own.is_json)


def _bodied(own: Question, body: dict[str, Any]) -> Question:
    return Question(own.method, own.path, body=body, is_json=own.is_json)


def _param(own: Question, body: Mapping[str, Any], name: str, value: Any) -> Question:
    known = body["params"] if own.is_json else json.loads(body["params"])
    params = known | {name: value}
    return _bodied(own, {**body, "params": params if own.is_json else json.dumps(params)})


def _judged(question: Question, answer: Answer) -> Iterator[Finding]:
    found = foreign_bytes(answer, str(question))
    if found:
        yield Finding(str(question), f"It names what is another's: {found}")
    if answer.status >= BROKEN:
        yield Finding(str(question), f"It broke: {answer.status}.")
