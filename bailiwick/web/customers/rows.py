"""The rows of the list and their heads as HTML."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bailiwick.access.told import TOLD
from bailiwick.web.customers.cells import NONE, closed
from bailiwick.web.customers.columns import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bailiwick.engine.listing.names import Names
    from bailiwick.engine.listing.rows import Row
    from bailiwick.web.customers.address import Address
    from bailiwick.web.customers.cells import Cell
    from bailiwick.web.customers.columns import Column

ROWS_KEPT = 500  # of about 1.3 KB, for each choice of columns
HEADS_KEPT = 256

_kept_heads: dict[tuple[Any, ...], SafeString] = {}


def table_rows(rows: Sequence[Row], names: Names, columns: Sequence[Column]) -> SafeString:
    """The rows; every text is escaped in its cell (tests hold it against the template engine's escaping)."""
    shown = _shown(tuple(column.name for column in columns), names, get_language())
    return mark_safe("".join([shown(row) for row in rows]))  # noqa: S308 -- escaped in the cells


@lru_cache(maxsize=16)
def _shown(columns: tuple[str, ...], names: Names, _language: str) -> Cell:
    """A row as HTML. Lists are looked at again and again, and most of their rows have not changed since."""
    tick = escape(_("Select %(name)s"))
    # How each cell begins, and what fills it: the same for every page until a name changes.
    chosen = [BY_NAME[name] for name in columns]
    made = [(column, f'<td class="{style(column)}">', column.cell_for(names)) for column in chosen]
    cells = [(opening, cell) for _column, opening, cell in made]
    closed_cells = [(opening, _when_closed(column, cell)) for column, opening, cell in made]
    # What is read for a cold column holds lists, by which nothing can be kept.
    kept = 0 if any(column.cold for column in chosen) else ROWS_KEPT

    def shown(row: Row) -> str:
        return one_row(row, closed_cells if row.is_closed else cells, tick)

    return lru_cache(maxsize=kept)(shown) if kept else shown


def _when_closed(column: Column, cell: Cell) -> Cell:
    """What stands there of a customer that is closed to the reader; where he is told even less, the cell is empty."""
    if column.name == "name":
        return closed
    return cell if column.name in TOLD["operator"] else lambda _row: NONE


EDGE = (
    '<span class="edge" role="separator" aria-orientation="vertical" tabindex="0" aria-valuenow="0"'
    ' aria-label="{width}" data-resize="{name}"></span>'
)


def table_heads(columns: Sequence[Column], address: Address, *, unsorted: Container[str] = ()) -> SafeString:
    """The heads; each leads to the list in its order, and in the other order the second time, but the `unsorted`.

    They are the same on every page of a list, and for everybody who looks at it so: hence kept.
    """
    first = replace(address, after="", before="", page=0)
    name = (tuple([column.name for column in columns]), first.path, *first.query.items(), get_language())
    if name not in _kept_heads:
        if len(_kept_heads) >= HEADS_KEPT:
            _kept_heads.clear()
        width = escape(_("Width of %(column)s"))
        heads = [_head(column, first, width, is_link=column.name not in unsorted) for column in columns]
        _kept_heads[name] = mark_safe("".join(heads))  # noqa: S308 -- escaped in _head
    return _kept_heads[name]


def _head(column: Column, address: Address, width: str, *, is_link: bool) -> str:
    label = escape(str(column.label))
    begins = f'<th scope="col" class="{style(column)}"'
    edge = EDGE.format(name=column.name, width=width.replace("%(column)s", label))
    if not is_link:
        return f"{begins}>{label}{edge}</th>"
    way = {column.name: "ascending", f"-{column.name}": "descending"}.get(address.sort, "")
    url = address.to(sort=f"-{column.name}" if way == "ascending" else column.name)
    sorted_so = f' aria-sort="{way}"' if way else ""
    return f'{begins}{sorted_so}><a href="{escape(url)}">{label}</a>{edge}</th>'


def style(column: Column) -> str:
    """The classes of a column's cells."""
    return f"col-{column.name}{' num' if column.number else ''}"


def one_row(row: Any, cells: Sequence[tuple[str, Cell]], tick: str) -> str:
    """A row with an id and a name: its tick, then its cells."""
    label = tick.replace("%(name)s", escape(row.name))
    body = "</td>".join([opening + cell(row) for opening, cell in cells])
    return (
        f'<tr data-id="{row.id}" tabindex="-1"><td class="tick">'
        f'<input type="checkbox" class="form-check-input" aria-label="{label}"></td>{body}</td></tr>'
    )
