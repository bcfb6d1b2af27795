"""The rows of the partners list as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bailiwick.engine.listing.names import kept_names
from bailiwick.web.customers.cells import NONE
from bailiwick.web.customers.rows import one_row, style
from bailiwick.web.partners.columns import is_told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bailiwick.engine.listing.partners import PartnerRow
    from bailiwick.web.customers.cells import Cell
    from bailiwick.web.customers.columns import Column


def table_rows(rows: Sequence[PartnerRow], columns: Sequence[Column]) -> SafeString:
    """The rows; every text is escaped in its cell."""
    tick = escape(_("Select %(name)s"))
    names = kept_names()
    made = [(f'<td class="{style(column)}">', _told(column, column.cell_for(names))) for column in columns]
    return mark_safe("".join([one_row(row, made, tick) for row in rows]))  # noqa: S308 -- escaped in the cells


def _told(column: Column, cell: Cell) -> Cell:
    return lambda row: cell(row) if is_told(column, row) else NONE  # type: ignore[arg-type]
