"""The system properties: what each does, its value, and who may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bailiwick.access.permissions import Permission
from bailiwick.engine import properties

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.web.request import Request


@require_safe
def listing(request: Request) -> HttpResponse:
    """All properties by name."""
    request.actor.require(Permission.PROPERTY_READ)
    return _page(request)


@require_POST
def update(request: Request, name: str) -> HttpResponse:
    """Saves one property; a stale page is refused with the other's value."""
    version = request.POST.get("version", "")
    raw = request.POST.get("value")
    try:
        number = int(version) if version.isascii() and version.isdigit() else -1
        properties.update(request.actor, name, raw, version=number, now=timezone.now())
    except KeyError:
        raise Http404 from None
    except ValidationError as error:
        return _page(request, name=name, typed=raw, problem=" ".join(error.messages), status=422)
    except properties.Stale as stale:
        problem = _("Somebody changed this since the page was loaded; it is now: %(value)s. Save again to replace it.")
        shown = _("on") if stale.current is True else _("off") if stale.current is False else stale.current
        return _page(request, name=name, typed=raw, problem=problem % {"value": shown}, status=409)
    return redirect(f"{reverse('properties')}?saved={name}#{name}")


def _page(request: Request, *, status: int = 200, **wrong: Any) -> HttpResponse:
    rows = [_row(request, *row, wrong=wrong) for row in properties.in_force()]
    return render(request, "people/properties.html", {"rows": rows}, status=status)


def _row(request: Request, definition: Any, value: Any, version: int, *, wrong: dict[str, Any]) -> dict[str, Any]:
    needed = Permission.PROPERTY_UPDATE_RESTRICTED if definition.restricted else Permission.PROPERTY_UPDATE
    is_wrong = wrong.get("name") == definition.name
    return {
        "definition": definition,
        "value": wrong["typed"] if is_wrong and definition.kind != "BOOLEAN" else value,
        "version": version,
        "problem": wrong["problem"] if is_wrong else "",
        "is_saved": request.GET.get("saved") == definition.name,
        "may_change": request.actor.may(needed),
        "is_default": value == definition.default,
    }
