"""Roll-outs of software: the list, a new one with what it means before it begins, and one as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bailiwick.access.permissions import Permission
from bailiwick.access.rollouts import rollouts_for
from bailiwick.engine.forms.rollout_form import RolloutForm
from bailiwick.fleet.rollout import command
from bailiwick.fleet.rollout.begin import begin, refuse_unfit
from bailiwick.fleet.rollout.report import counts_of, total, troubled, waves_of
from bailiwick.fleet.rollout.terms import Terms, plan
from bailiwick.fleet.rollout.words import REASONS, STATES, STEPS, WHY
from bailiwick.web.forms import PageForm, status_of
from bailiwick.web.found import one_of
from bailiwick.web.posted import whole_number

if TYPE_CHECKING:
    from django.http import HttpResponse

    from bailiwick.models import Rollout
    from bailiwick.web.request import Request

NEWEST = 100
STOP_POLLING = 286
LOOKS = {"running": "running", "paused": "warn", "halted": "bad", "done": "done", "taken_back": "idle"}
DEEDS = {"pause": command.pause, "continue": command.go_on, "take-back": command.take_back}


class RolloutPage(PageForm, RolloutForm):
    """A new one, on a page."""


@require_safe
def listing(request: Request) -> HttpResponse:
    """The newest first, open ones on top."""
    request.actor.require(Permission.OPERATOR_PROFILE_READ)
    found = list(rollouts_for(request.actor).select_related("operator_profile").order_by("-pk")[:NEWEST])
    counted = counts_of(found)
    rows = [_row(each, counted[each.pk]) for each in sorted(found, key=lambda each: not each.is_open)]
    may_manage = request.actor.may(Permission.OPERATOR_PROFILE_MANAGE)
    return render(request, "rollouts/list.html", {"rows": rows, "may_manage": may_manage})


def _row(rollout: Rollout, waves: dict[int, dict[str, int]]) -> dict[str, Any]:
    added = total(waves.values())
    return {**_state(rollout), "rollout": rollout, "done": added["done"], "edges": added.total()}


def _state(rollout: Rollout) -> dict[str, Any]:
    return {"state": STATES[rollout.state], "look": LOOKS[rollout.state]}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The terms; a POST shows what they mean, and with `begin` the roll-out begins."""
    actor = request.actor
    actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    begins = {"operator_profile": whole_number(request.GET.get("profile")) or None}
    form = RolloutPage(request.POST or None, initial=begins, actor=actor)
    values: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        terms, given = Terms.of(form.cleaned_data), form.cleaned_data
        try:
            if "begin" in request.POST:
                return redirect(
                    "rollout", begin(actor, given["operator_profile"], given["image"], terms, now=timezone.now()).pk
                )
            refuse_unfit(given["operator_profile"], given["image"])
            values["plan"] = plan(given["operator_profile"].pk, terms)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "rollouts/new.html", values, status=status_of(form))


@require_safe
def one(request: Request, rollout_id: int) -> HttpResponse:
    """How far it is, by wave, and which edges failed."""
    return render(request, "rollouts/page.html", _values(request, _found(request, rollout_id)))


@require_safe
def live(request: Request, rollout_id: int) -> HttpResponse:
    """The part that changes; when it is over it is asked no more."""
    values = _values(request, _found(request, rollout_id))
    status = 200 if values["rollout"].is_open else STOP_POLLING
    return render(request, "rollouts/_live.html", {**values, "swapped": True}, status=status)


@require_POST
def turn(request: Request, rollout_id: int, deed: str) -> HttpResponse:
    """Pauses it, lets it go on, or takes everything back."""
    request.actor.require(Permission.OPERATOR_PROFILE_MANAGE)
    found = _found(request, rollout_id)
    if deed not in DEEDS:
        raise Http404
    try:
        DEEDS[deed](request.actor, found.pk, now=timezone.now())
    except ValidationError as error:
        values = {**_values(request, _found(request, rollout_id)), "problem": error.messages[0]}
        return render(request, "rollouts/page.html", values, status=409)
    return redirect("rollout", found.pk)


def _found(request: Request, rollout_id: int) -> Rollout:
    request.actor.require(Permission.OPERATOR_PROFILE_READ)
    return one_of(rollouts_for(request.actor).select_related("operator_profile"), rollout_id)


def _values(request: Request, rollout: Rollout) -> dict[str, Any]:
    waves = waves_of(rollout)
    added = total(wave.steps for wave in waves)
    edges, parts = added.total(), troubled(request.actor, rollout)
    return {
        **_state(rollout),
        "rollout": rollout,
        "reason": REASONS.get(rollout.reason, rollout.reason),
        "waves": [(wave, _words(wave.steps)) for wave in waves],
        "total": _words(added),
        "percent": 100 * added["done"] // edges if edges else 0,
        "troubled": [(part, STEPS[part.step], WHY.get(part.why, part.why)) for part in parts],
        "may_manage": request.actor.may(Permission.OPERATOR_PROFILE_MANAGE) and rollout.is_open,
    }


def _words(steps: dict[str, int]) -> list[tuple[int, Any]]:
    return [(steps[step], words) for step, words in STEPS.items() if steps.get(step)]
