"""The rows of the list and their heads as HTML."""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bailiwick.access.told import TOLD
from bailiwick.web.customers.cells import NONE, closed
from bailiwick.web.customers.columns import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.rows import Row
    from bailiwick.web.customers.address import Address
    from bailiwick.web.customers.cells import Cell
    from bailiwick.web.customers.columns import Column


def table_rows(rows: Sequence[Row], names: Names, columns: Sequence[Column]) -> SafeString:
    """The rows; every text is escaped in its cell (tests hold it against the template engine's escaping)."""
    tick = escape(_("Select %(name)s"))
    cells = _cells(tuple(column.name for column in columns), names, get_language())
    return mark_safe("".join([_row(row, cells, tick) for row in rows]))  # noqa: S308 -- escaped in the cells


@lru_cache(maxsize=16)
def _cells(columns: tuple[str, ...], names: Names, _language: str) -> list[tuple[str, Cell, Cell]]:
    """How each cell begins, and what fills it: the same for every row, and for every page until a name changes."""
    chosen = [(BY_NAME[name], BY_NAME[name].cell_for(names)) for name in columns]
    return [(f'<td class="{_style(column)}">', cell, _when_closed(column, cell)) for column, cell in chosen]


def _when_closed(column: Column, cell: Cell) -> Cell:
    """What stands there of a customer that is closed to the reader; where he is told even less, the cell is empty."""
    if column.name == "name":
        return closed
    return cell if column.name in TOLD["operator"] else lambda _row: NONE


def table_heads(columns: Sequence[Column], address: Address) -> SafeString:
    """The heads; each leads to the list in its order, and in the other order the second time."""
    heads = [_head(column, address, label) for column, label in zip(columns, _labels(columns), strict=True)]
    return mark_safe("".join(heads))  # noqa: S308 -- escaped in _head


def _labels(columns: Sequence[Column]) -> list[str]:
    known = _every_label(get_language())
    return [known[column.name] for column in columns]


@cache
def _every_label(_language: str) -> dict[str, str]:
    return {name: escape(str(column.label)) for name, column in BY_NAME.items()}


def _head(column: Column, address: Address, label: str) -> str:
    begins = f'<th scope="col" class="{_style(column)}"'
    way = {column.name: "ascending", f"-{column.name}": "descending"}.get(address.sort, "")
    url = address.to(sort=f"-{column.name}" if way == "ascending" else column.name)
    sorted_so = f' aria-sort="{way}"' if way else ""
    return f'{begins}{sorted_so}><a href="{escape(url)}">{label}</a></th>'


def _style(column: Column) -> str:
    return f"col-{column.name}{' num' if column.number else ''}"


def _row(row: Row, cells: Sequence[tuple[str, Cell, Cell]], tick: str) -> str:
    label = tick.replace("%(name)s", escape(row.name))
    if row.is_closed:
        body = "</td>".join([opening + closed_cell(row) for opening, _cell, closed_cell in cells])
    else:
        body = "</td>".join([opening + cell(row) for opening, cell, _closed_cell in cells])
    return (
        f'<tr data-id="{row.id}" tabindex="-1"><td class="tick">'
        f'<input type="checkbox" class="form-check-input" aria-label="{label}"></td>{body}</td></tr>'
    )
