"""The address of a view of the list: everything that makes it stands in the query string."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from bailiwick.engine.forms.form import InvalidParams
from bailiwick.web.posted import number

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/customers"
PAGING = ("sort", "limit", "after", "before", "page", "columns")
LIMITS = (25, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Address:
    """A filter, a sort, a page and its size, the columns."""

    raw: Mapping[str, str]
    sort: str = "name"
    limit: int = 50
    after: str = ""
    before: str = ""
    page: int = 0
    columns: str = ""
    usual_limit: int = 50
    path: str = PATH

    @property
    def query(self) -> dict[str, str]:
        """The parameters, without those that say nothing."""
        paging = {name: getattr(self, name) for name in PAGING}
        usual = {"sort": "name", "limit": self.usual_limit}
        said = {name: str(value) for name, value in paging.items() if value and value != usual.get(name)}
        return {**self.raw, **said}

    @property
    def url(self) -> str:
        """The address of this page."""
        return _url(self.path, self.query)

    def to(self, **changes: Any) -> str:
        """The address of another page of the same list; without one it is the first."""
        return replace(self, **{"after": "", "before": "", "page": 0, **changes}).url

    def without(self, name: str) -> str:
        """The address without one filter."""
        return self.to(raw={key: value for key, value in self.raw.items() if key != name})


def read(given: Mapping[str, str], *, usual_limit: int = 50, path: str = PATH) -> Address:
    """The address that somebody asked for. Raises InvalidParams for a page size that is no number."""
    said = {name: value.strip() for name, value in given.items() if value.strip()}
    limit = said.get("limit", str(usual_limit))
    if number(limit) in (None, -1):
        raise InvalidParams.one("limit", "limit_range", _("Give a page size of 1 to 2048."))
    page = number(said.get("page", "0"))
    if page in (None, -1):
        raise InvalidParams.one("page", "page_range", _("Give the number of a page, from 1."))
    raw = {name: value for name, value in said.items() if name not in PAGING}
    paging = {name: said[name] for name in ("sort", "after", "before", "columns") if name in said}
    return Address(raw=raw, limit=number(limit) or 0, page=page or 0, usual_limit=usual_limit, path=path, **paging)


def _url(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path
