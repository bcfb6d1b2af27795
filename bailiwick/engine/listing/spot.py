"""Where a page of the list begins: an opaque, signed place between two rows."""

from __future__ import annotations

import base64
import binascii
import json
from functools import cache
from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from bailiwick.engine.forms.form import InvalidParams

# A name of 255 characters can fold to 1,024; an address longer than 4 KB is refused by servers on the way.
LONGEST_KEY = 255


class Spot(NamedTuple):
    """The sort it belongs to, the last row's key and id, and how many rows stand before it. No key: look the row up.

    Where several keys make the order, the key is the list of them; among customers that are closed to the reader there
    is none, and the list is empty.
    """

    sort: str
    key: Any
    id: int
    rank: int

    @property
    def keys(self) -> list[Any]:
        """The keys, the most important first."""
        return self.key if isinstance(self.key, list) else [self.key]

    @property
    def in_closed(self) -> bool:
        """Whether it lies among the customers that are closed to the reader."""
        return isinstance(self.key, list) and not self.key


def seal(spot: Spot) -> str:
    """The token of a spot."""
    key = None if any(isinstance(key, str) and len(key) > LONGEST_KEY for key in spot.keys) else spot.key
    packed = json.dumps([spot.sort, key, spot.id, spot.rank], ensure_ascii=False, separators=(",", ":")).encode()
    return _signer().sign(base64.urlsafe_b64encode(packed).decode().rstrip("="))


def unseal(token: str, *, sort: str, field: str) -> Spot:
    """The spot of a token. Raises InvalidParams unless this installation made it, for this sort."""
    try:
        packed = _signer().unsign(token)
        spot = Spot(*json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
    except (BadSignature, binascii.Error, ValueError, TypeError):
        raise InvalidParams.one(
            field, "bad_page_token", _("This is not the address of a page. Begin at the first.")
        ) from None
    if spot.sort != sort:
        message = _("This page belongs to another sort. Begin at the first page.")
        raise InvalidParams.one(field, "other_sort", message)
    return spot


@cache
def _signer() -> Signer:
    return Signer(salt="bailiwick.grid", sep=".")
