"""A partner's own pages: its settings, to read or to change, and what happened to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bailiwick.access.history import EventFilter, read
from bailiwick.access.opening import open_partner
from bailiwick.access.permissions import Permission
from bailiwick.engine import partners
from bailiwick.engine.forms.form import InvalidParams, raw_values
from bailiwick.engine.forms.partner_form import PartnerForm
from bailiwick.engine.listing.names import naming
from bailiwick.engine.listing.partners import counted
from bailiwick.web.about import told
from bailiwick.web.dressed import dress, place
from bailiwick.web.partners.facts import facts
from bailiwick.web.posted import decoded, whole_number
from bailiwick.web.words import differences, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from bailiwick.access.actor import Actor
    from bailiwick.models import Partner
    from bailiwick.web.request import Request


def opened(request: Request, partner_id: int) -> Partner:
    """The partner. Raises Http404, or NotAllowed where it withdrew the operator's access."""
    if not request.actor.may(Permission.PARTNER_OWN):
        request.actor.require(Permission.PARTNER_READ)
    try:
        return open_partner(request.actor, partner_id)
    except ObjectDoesNotExist:
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
def partner(request: Request, partner_id: int) -> HttpResponse:
    """Shows the settings; a POST saves what differs from what the page showed."""
    found = opened(request, partner_id)
    if request.method == "POST":
        return _save(request, found)
    return _page(request, found, _form(request.actor, found))


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: Request) -> HttpResponse:
    """The same for a partner's own staff."""
    request.actor.require(Permission.PARTNER_OWN)
    return partner(request, request.actor.partner_id or 0)


def _save(request: Request, found: Partner) -> HttpResponse:
    actor = request.actor
    posted = raw_values(PartnerForm, request.POST, actor)
    shown = decoded(request.POST.get("base"))
    base = shown if isinstance(shown, dict) else partners.settings_of(found)
    fields = PartnerForm(actor=actor).fields
    mine = {name: v for name, v in posted.items() if name != "version" and fields[name].has_changed(base.get(name), v)}
    try:
        if mine:
            version = whole_number(request.POST.get("version"))
            partners.update(actor, found.pk, {**mine, "version": version}, now=timezone.now())
    except InvalidParams as error:
        return _again(request, opened(request, found.pk), mine, error)
    return redirect(f"{reverse('partner', args=[found.pk])}?saved=1")


def _again(request: Request, found: Partner, mine: Mapping[str, Any], error: InvalidParams) -> HttpResponse:
    """My fields stay mine, the rest is what stands there now; another's changes stand above."""
    values = {**partners.settings_of(found), **mine}
    others = [each for told in error.errors.get("version", ()) for each in told.get("others", ())]
    form: Any = PartnerForm(values, actor=request.actor)
    form.full_clean()
    dress(form)
    place(form, InvalidParams({name: told for name, told in error.errors.items() if name != "version"}))
    more = {"is_stale": "version" in error.errors, "others": [_other(request.actor, each) for each in others]}
    return _page(request, found, form, status=error.status, **more)


def _other(actor: Actor, event: Mapping[str, Any]) -> dict[str, Any]:
    found = differences(event["before"], event["after"], naming(actor))
    return {"who": event["actor_name"], "when": moment(event["at"]), "differences": found}


def _form(actor: Actor, found: Partner) -> Any:
    form = PartnerForm(actor=actor, initial=partners.settings_of(found))
    dress(form)
    return form


def _page(request: Request, found: Partner, form: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    actor = request.actor
    now = partners.settings_of(found)
    context = {
        **around(actor, found, "partner"),
        "form": form if any(field.name != "version" for field in form) else None,
        "base": json.dumps({name: now[name] for name in form.fields if name in now}),
        "facts": facts(found) if not actor.may(Permission.PARTNER_UPDATE) else [],
        "customers": counted(actor, [found])[0].customers,
        "is_saved": "saved" in request.GET,
        **more,
    }
    return render(request, "partners/settings.html", context, status=status)


@require_safe
def events(request: Request, partner_id: int) -> HttpResponse:
    """What happened to the partner itself, newest first."""
    actor = request.actor
    actor.require(Permission.EVENT_READ)
    found = opened(request, partner_id)
    after = whole_number(request.GET.get("after"))
    rows, older = read(actor, EventFilter(partner=found.pk), after=after)
    context = {
        **around(actor, found, "partner-events"),
        "rows": told(actor, rows),
        "older": older,
        "is_first": not after,
    }
    return render(request, "partners/events.html", context)


def around(actor: Actor, found: Partner, tab: str) -> dict[str, Any]:
    """The frame inside a partner: tabs, and the band for those who are not of it."""
    tabs = [
        ("partner", _("Settings"), True),
        ("partner-users", _("Users"), actor.is_operator and actor.may(Permission.PARTNER_USER_READ)),
        ("partner-events", _("Events"), actor.may(Permission.EVENT_READ)),
    ]
    return {
        "partner": found,
        "tabs": [
            {"label": label, "url": reverse(name, args=[found.pk]), "current": name == tab}
            for name, label, is_shown in tabs
            if is_shown
        ],
        "acts_inside": actor.is_operator,
    }
