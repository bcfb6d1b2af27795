"""The file of the image that an edge should run, in parts: no thread is kept by a device that reads slowly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bailiwick.device.views import certificate_shown
from bailiwick.engine.image_files import part as part_of_file
from bailiwick.fleet import software
from bailiwick.fleet.arrival import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST = 1024 * 1024
RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")


def part(request: HttpRequest, sha256: str) -> HttpResponse:
    """At most 1 MiB of it; `Content-Range` says which (RFC 9110, 14.4)."""
    if request.method != "GET":
        raise Refused("method_not_allowed", _("This address takes GET."))
    ordered = software.ordered(certificate_shown(request), sha256, now=timezone.now())
    start, most = _asked(request, ordered.size)
    content = part_of_file(settings.HOME, ordered.sha256, start, most)
    headers = {"Content-Range": f"bytes {start}-{start + len(content) - 1}/{ordered.size}"}
    return HttpResponse(content, status=206, content_type="application/octet-stream", headers=headers)


def _asked(request: HttpRequest, size: int) -> tuple[int, int]:
    found = RANGE.fullmatch(request.headers.get("Range", "bytes=0-"))
    start = int(found[1]) if found else size
    end = int(found[2]) if found and found[2] else size - 1
    if not start <= end or start >= size:
        raise Refused("range", _("The image has no such part."))
    return start, min(end - start + 1, MOST)
