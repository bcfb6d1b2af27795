"""Asking the portal as a browser would, through Django's own handler; what a view reads of the request is noted."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import QueryDict  # noqa: TID251 -- this asks as the world outside does

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# A view that takes all names there are: the filters of the list.
ALL = "*"


@dataclass(frozen=True, slots=True)
class Question:
    """A method, a path and its parameters; `body` is a form's fields, or JSON where it is told so."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    is_json: bool = False

    def __str__(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.method} {self.path}{query}{f' {json.dumps(self.body)}' if self.body else ''}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that comes back, and the names of parameters that were read."""

    status: int
    headers: tuple[str, ...]
    body: bytes
    query: frozenset[str]
    form: frozenset[str]

    @property
    def text(self) -> str:
        """The whole of it, for comparing and searching."""
        return "\n".join([str(self.status), *self.headers, "", self.body.decode("utf-8", "replace")])


class Noting(QueryDict):
    """Parameters that note which of them are asked for."""

    noted: set[str]

    def __init__(self, text: str | bytes = "", *, encoding: str | None = None) -> None:
        self.noted = set()
        super().__init__(text, encoding=encoding)
        self.noted = set()  # Django's own reading does not count

    def __getitem__(self, name: str) -> Any:
        self.noted.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.noted.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Notes the name."""
        self.noted.add(name)
        return super().get(name, default)

    def getlist(self, name: str, default: Any = None) -> Any:
        """Notes the name."""
        self.noted.add(name)
        return super().getlist(name, default)

    def items(self) -> Any:
        """Notes that all were read."""
        self.noted.add(ALL)
        return super().items()

    def dict(self) -> Any:
        """Notes that all were read."""
        self.noted.add(ALL)
        return super().dict()


class _Request(WSGIRequest):
    """A request whose parameters note what is read of them."""

    @cached_property
    def GET(self) -> Noting:  # type: ignore[override]  # noqa: N802 -- Django's name
        return Noting(self.environ.get("QUERY_STRING", ""))

    def _load_post_and_files(self) -> None:
        super()._load_post_and_files()
        posted: Any = self._post  # type: ignore[has-type]
        self._post = Noting(posted.urlencode())


# Of a cookie's attributes all but the second in which it ends: `max-age` says the same, whenever the answer is made.
LASTING = ["max-age", "path", "domain", "secure", "httponly", "samesite"]


class Portal:
    """The program as a door sees it, asked by the holder of one session."""

    def __init__(self) -> None:
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.asked = 0

    def ask(self, question: Question, session: str) -> Answer:
        """The answer; whatever the question changed is undone."""
        self.asked += 1
        with _undone():
            request = _Request(_environ(question, session))
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
            response = self.handler.get_response(request)
            return Answer(response.status_code, _headers(response), _body(response), *_names(request))


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _environ(question: Question, session: str) -> dict[str, Any]:
    body = _encoded(question)
    host = next((name for name in settings.ALLOWED_HOSTS if name.strip("[]*.")), "localhost").lstrip(".")
    return {
        "REQUEST_METHOD": question.method,
        "PATH_INFO": question.path,
        "QUERY_STRING": urlencode(question.query),
        "CONTENT_TYPE": JSON if question.is_json else FORM,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": host,
        "SERVER_PORT": "443" if settings.TLS else "80",
        "HTTP_HOST": host,
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session}",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "https" if settings.TLS else "http",
        "wsgi.input": BytesIO(body),
    }


def _encoded(question: Question) -> bytes:
    if question.is_json:
        return json.dumps(question.body or {}).encode()
    return urlencode(question.body or {}, doseq=True).encode()


def _headers(response: Any) -> tuple[str, ...]:
    cookies = (f"Set-Cookie: {morsel.OutputString(LASTING)}" for morsel in response.cookies.values())
    return tuple(sorted([*(f"{name}: {value}" for name, value in response.headers.items()), *cookies]))


def _body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def _names(request: WSGIRequest) -> tuple[frozenset[str], frozenset[str]]:
    form = getattr(request, "_post", None)
    return frozenset(getattr(request.GET, "noted", ())), frozenset(getattr(form, "noted", ()))
