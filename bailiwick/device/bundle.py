"""A part of a bundle that the edge was asked for: small, so that no thread is kept by a device that sends slowly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bailiwick.device.views import certificate_shown
from bailiwick.fleet.arrival import Refused
from bailiwick.fleet.diagnostics import arriving

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

MOST = 1024 * 1024
RANGE = re.compile(r"bytes ([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})")


def part(request: HttpRequest, bundle: UUID) -> HttpResponse:
    """At most 1 MiB of it; `Content-Range` says which. The answer says how many bytes are there."""
    if request.method != "PUT":
        raise Refused("method_not_allowed", _("This address takes %s.") % "PUT")
    shown, said = certificate_shown(request), _said(request, bundle)
    try:
        size = arriving.take(shown, said, home=settings.HOME, now=timezone.now())
    except OSError:
        raise Refused("no_room", _("The orchestrator has no room for this now.")) from None
    return JsonResponse({"received": size})


def _said(request: HttpRequest, bundle: UUID) -> arriving.Part:
    found = RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if found is None:
        raise Refused("range", _("Say with Content-Range which part this is."))
    start, end, total = map(int, found.groups())
    content = request.read(MOST + 1)
    if len(content) > MOST:
        raise Refused("too_large", _("A part has at most 1 MiB."))
    if len(content) != end - start + 1:
        raise Refused("range", _("The part does not fit the bundle."))
    return arriving.Part(bundle, start, content, total, str(request.META.get("REMOTE_ADDR", ""))[:64])
