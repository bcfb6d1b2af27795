"""The software of an edge: what its operator profile orders, and nothing else, may be fetched by its device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.assignment import Image, assignment_of
from bailiwick.fleet.heartbeat import known, require_living

if TYPE_CHECKING:
    from datetime import datetime


def ordered(shown: str, sha256: str, *, now: datetime) -> Image:
    """The image that the device of this certificate should run, if its file is the one asked for. Raises Refused."""
    whose = known(shown)
    with whose.inside():
        require_living(whose, now)
        image = assignment_of(whose.edge_id).image
    if image is None or not image.sha256 or image.sha256 != sha256:
        raise Refused("unknown_image", _("This is not the image that the edge should run."))
    return image
