"""Reading a CSV file that anybody may have made: which encoding, which separator, which lines do not fit."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from bailiwick.engine.forms.form import InvalidParams

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ROWS = 100_000
MOST_COLUMNS = 500
# In this order: a comma wins where several separators would do.
USUAL = ",;\t|"
SAMPLE_LINES = 30
SAMPLE_BYTES = 65_536
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp932": "Shift JIS",
    "gb18030": "GB 18030",
}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The headings and how the file is written; `rows` gives each record with the line it begins in."""

    headings: tuple[str, ...]
    encoding: str
    separator: str
    text: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Records below the headings, empty lines left out. Raises InvalidParams at the first one that is no CSV."""
        records = _records(self.text, self.separator)
        next(records)
        for count, record in enumerate(records, 1):
            if count > MOST_ROWS:
                message = _("This file has more than %(most)d rows. Split it.") % {"most": MOST_ROWS}
                raise InvalidParams.one("file", "too_many_rows", message)
            yield record


def read(content: bytes, encoding: str = "") -> Sheet:
    """Finds out how the file is written and reads its headings. Raises InvalidParams, with the line."""
    codec = encoding or _encoding(content)
    text = _decoded(content, codec)
    if "\0" in text:
        raise _broken("nul", _("Line %(line)d holds a NUL character: this is no text file."), _line(text, "\0"))
    separator = _separator(text)
    first = next(_records(text, separator), None)
    if first is None:
        raise InvalidParams.one("file", "empty_file", _("This file is empty."))
    headings = tuple(heading.strip() for heading in first[1])
    if len(headings) > MOST_COLUMNS:
        raise InvalidParams.one("file", "too_many_columns", _("This file has more than 500 columns."))
    sheet = Sheet(headings, codec.removesuffix("-sig"), separator, text)
    if text.count("\n") > MOST_ROWS:  # a line may be a part of a record: only the records tell, and in time they tell
        deque(sheet.rows(), maxlen=0)
    return sheet


def _encoding(content: bytes) -> str:
    """A byte order mark, then UTF-8, then UTF-16 by its NUL bytes, then Windows-1252, then whatever fits best."""
    for mark, codec in MARKS:
        if content.startswith(mark):
            return codec
    zeros = [content[side:SAMPLE_BYTES:2].count(0) * 4 > min(len(content), SAMPLE_BYTES) for side in (1, 0)]
    if any(zeros):
        return "utf-16-le" if zeros[0] else "utf-16-be"
    if _is_utf_8(content):
        return "utf-8"
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        best = from_bytes(content[:SAMPLE_BYTES], cp_isolation=list(ENCODINGS)[2:]).best()
        return best.encoding if best else "utf-8"
    return "cp1252"


def _is_utf_8(content: bytes) -> bool:
    """Also where a few bytes are wrong among many that are right: the error then names the line."""
    text = content.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    return wrong == 0 or wrong < sum(1 for _found in re.finditer(r"[^\x00-\x7f\ufffd]", text))


def _decoded(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = _("Line %(line)d is not written in %(encoding)s. Save the file as UTF-8.")
        name = ENCODINGS.get(codec.removesuffix("-sig"), codec)
        text = message % {"line": line, "encoding": name}
        raise InvalidParams({"file": [{"code": "wrong_encoding", "message": text, "line": line}]}) from None


def _separator(text: str) -> str:
    """The character that cuts the first lines into equally many parts, and into most."""
    sample = "".join(text[:SAMPLE_BYTES].splitlines(keepends=True)[:SAMPLE_LINES])
    outside = re.sub(r'"[^"]*"', "", sample.split("\n", 1)[0])
    unusual = dict.fromkeys(c for c in outside if not (c.isalnum() or c.isspace() or c in '"_'))
    fits = {candidate: _fit(sample, candidate) for candidate in (*USUAL, *(c for c in unusual if c not in USUAL))}
    best = max(fits, key=lambda candidate: fits[candidate])
    return best if fits[best] > (0, 0) else ","


def _fit(sample: str, separator: str) -> tuple[float, int]:
    """How many records have as many parts as the headings, and how many parts; nothing where it does not cut."""
    try:
        records = [record for _line, record in _records(sample, separator)]
    except InvalidParams:
        return (0, 0)
    if not records or len(records[0]) == 1:
        return (0, 0)
    width = len(records[0])
    # The last record of the sample may be cut off.
    even = sum(len(record) == width for record in records[:-1] or records) / len(records[:-1] or records)
    return (round(even, 1), width)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _no_csv(error, line, reader.line_num) from None
        if record:
            yield line, record
        line = reader.line_num + 1


def _no_csv(error: csv.Error, first: int, last: int) -> InvalidParams:
    """A quotation mark is open to the end (or to the reader's limit), or something stands behind a closing one."""
    if "unexpected end" in str(error) or "field larger" in str(error):
        return _broken("unclosed_quote", _("A quotation mark opened in line %(line)d is never closed."), first)
    return _broken("quote", _("In line %(line)d a text goes on behind its closing quotation mark."), last)


def _broken(code: str, message: str, line: int) -> InvalidParams:
    return InvalidParams({"file": [{"code": code, "message": message % {"line": line}, "line": line}]})


def _line(text: str, what: str) -> int:
    return text.count("\n", 0, text.index(what)) + 1
