"""The rows of the list as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bailiwick.web.customers.cells import NONE, closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.rows import Row
    from bailiwick.web.customers.cells import Cell
    from bailiwick.web.customers.columns import Column


def table_rows(rows: Sequence[Row], names: Names, columns: Sequence[Column]) -> SafeString:
    """The rows; every text is escaped in its cell (tests hold it against the template engine's escaping)."""
    tick = escape(_("Select %(name)s"))
    cells = [(f'<td class="col-{each.name}{" num" if each.number else ""}">', each.cell_for(names)) for each in columns]
    return mark_safe("".join(_row(row, cells, tick) for row in rows))  # noqa: S308 -- escaped in the cells


def _row(row: Row, cells: Sequence[tuple[str, Cell]], tick: str) -> str:
    label = tick.replace("%(name)s", escape(row.name))
    if row.is_closed:
        body = "</td>".join([opening + (closed(row) if "col-name" in opening else NONE) for opening, _cell in cells])
    else:
        body = "</td>".join([opening + cell(row) for opening, cell in cells])
    return (
        f'<tr data-id="{row.id}" tabindex="-1"><td class="tick">'
        f'<input type="checkbox" class="form-check-input" aria-label="{label}"></td>{body}</td></tr>'
    )
