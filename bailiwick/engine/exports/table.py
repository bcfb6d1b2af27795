"""Columns and rows of a file, and the one statement that writes them: times, flags and the formula guard are SQL."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from bailiwick.engine.exports.dialect import GUARDED, SKIPPED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from bailiwick.engine.exports.dialect import Dialect

# COPY takes separators of one byte only. Others are written as this one and replaced in the stream (stack.md 6).
STAND_IN = "\x1f"


class Kind(Enum):
    """How a column is written; only text is guarded, numbers and times cannot be formulas."""

    TEXT = "text, never null"
    PLAIN = "prints itself, never null"
    OPTIONAL = "prints itself, may be null; true and false are written out"
    TIME = "a moment, in UTC"


class Column(NamedTuple):
    """A heading and where its values come from: a path of the ORM or an expression."""

    heading: str
    value: str | Combinable
    kind: Kind = Kind.TEXT


class Table(NamedTuple):
    """What stands in the file."""

    rows: QuerySet[Any]
    columns: Sequence[Column]

    @property
    def headings(self) -> list[str]:
        """The first row of the file."""
        return [column.heading for column in self.columns]

    def statement(self, dialect: Dialect) -> str:
        """The COPY statement. Every field is quoted: no separator can then be mistaken for text, nor text for one."""
        names = [f"c{number}" for number in range(len(self.columns))]
        written = ", ".join(
            _written(f"f.{name}", column.kind, guard=dialect.formula_guard)
            for name, column in zip(names, self.columns, strict=True)
        )
        chosen = self.rows.values_list(*(column.value for column in self.columns)).query
        # A filter that nothing can match is a file without rows, not an error.
        found, params = chosen.get_compiler("default", elide_empty=False).as_sql()
        # The guard names a value three times; without the fence an expression would also be computed three times.
        fence = "" if all(isinstance(column.value, str) for column in self.columns) else "OFFSET 0"
        query = f"SELECT {written} FROM ({found} {fence}) AS f({', '.join(names)})"
        separator = dialect.separator if dialect.separator.isascii() else STAND_IN
        with connection.cursor() as cursor:
            text = cursor.mogrify(
                f"COPY ({query}) TO STDOUT (FORMAT csv, DELIMITER %s, FORCE_QUOTE *)", (*params, separator)
            )
        return str(text)


# Nearly all text begins with a letter or a digit, and one look at the first character tells: a list of nine values or
# more is hashed.
_LIST = ", ".join(str(ord(character)) for character in sorted(GUARDED))
_FIRST = ", ".join(str(ord(character)) for character in sorted(GUARDED | set(SKIPPED)))
_SKIPPED = SKIPPED.replace("'", "''")
GUARD = (
    f"CASE WHEN ascii({{c}}) IN ({_FIRST}) AND ascii(ltrim({{c}}, '{_SKIPPED}')) IN ({_LIST}) "
    "THEN '''' || {c} ELSE {c} END"
)
PATTERNS = {
    Kind.TEXT: "{c}",
    Kind.PLAIN: "{c}",
    Kind.OPTIONAL: "coalesce({c}::text, '')",
    # "Never" is empty, and so are the zero dates that older systems leave behind. A session in UTC prints the second
    # that has begun as 2026-11-22 15:40:02; ISO 8601 wants T and Z (domain 13.1). to_char would take twice the time.
    Kind.TIME: "CASE WHEN {c} > 'epoch' THEN replace(({c} - interval '0.5s')::timestamp(0)::text, ' ', 'T') || 'Z' "
    "ELSE '' END",
}


def _written(name: str, kind: Kind, *, guard: bool) -> str:
    pattern = GUARD if guard and kind is Kind.TEXT else PATTERNS[kind]
    return pattern.format(c=name)
