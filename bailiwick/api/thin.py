"""The list until the grid's own page is merged."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from bailiwick.api.shapes import CustomerOut
from bailiwick.engine.filters import matching
from bailiwick.engine.form import InvalidParams

SORTS = {"name": "name_key", "edges": "stat__edges", "id": "pk"}


class _Row(dict):  # type: ignore[type-arg]
    def __getattr__(self, name: str) -> Any:
        return self[name]

    def _asdict(self) -> dict[str, Any]:
        return self


def page(actor: Any, raw: Any, *, sort: str, limit: int, after: str | None, before: str | None) -> Any:
    """One page."""
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        raise InvalidParams.one("sort", "unknown_sort", _("There is no such column."))
    token = after or before or "0"
    if not (token.isascii() and token.isdecimal() and len(token) < 9):
        raise InvalidParams.one("after", "bad_token", _("This is no page of ours."))
    rows = matching(actor, raw).select_related("stat", "partner", "gateway_pool", "operator_profile")
    start = int(token)
    found = list(rows.order_by(("-" if sort[0] == "-" else "") + column, "pk")[start : start + limit + 1])
    names = SimpleNamespace(
        partners={c.partner_id: c.partner.name for c in found if c.partner},
        pools={c.gateway_pool_id: c.gateway_pool.name for c in found},
        profiles={c.operator_profile_id: c.operator_profile.name for c in found},
    )
    wanted = [name for name in CustomerOut.model_fields if name not in ("partner", "gateway_pool", "operator_profile")]
    shown = [
        _Row({n: getattr(c, n) if hasattr(c, n) else getattr(c.stat, n) for n in wanted}) for c in found[:limit]
    ]
    return SimpleNamespace(
        rows=shown,
        names=names,
        next=str(start + limit) if len(found) > limit else None,
        previous=None,
        total=SimpleNamespace(count=rows.count(), exact=True),
    )
