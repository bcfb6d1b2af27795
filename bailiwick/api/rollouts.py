"""Roll-outs over REST: what one would mean, beginning it, how far it is, and pausing, continuing, taking it back."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.access.permissions import Permission
from bailiwick.access.rollouts import rollout_edges_for, rollouts_for
from bailiwick.api.body import read_body
from bailiwick.api.caller import Call
from bailiwick.api.paging import After, Limit, one_of, page_of, require_known
from bailiwick.api.refused import refused
from bailiwick.api.user_shapes import form_body
from bailiwick.engine.forms.form import clean
from bailiwick.engine.forms.rollout_form import RolloutForm
from bailiwick.fleet.rollout import command
from bailiwick.fleet.rollout.begin import begin, refuse_unfit
from bailiwick.fleet.rollout.report import counts_of, total, waves_of
from bailiwick.fleet.rollout.terms import Terms, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bailiwick.models import Rollout

router = Router(tags=["Roll-outs"])


class RolloutOut(Schema):
    """An image on its way to the edges of an operator profile; `steps` counts its edges."""

    id: int
    operator_profile_id: int
    image_id: int | None
    image: str
    state: Literal["running", "paused", "halted", "done", "taken_back"]
    reason: str
    wave: int
    canary: int
    percents: list[int]
    pause_minutes: int
    most_failures: int
    patience_minutes: int
    window_from: time | None
    window_until: time | None
    steps: dict[str, int]
    created_at: datetime
    finished_at: datetime | None


class RolloutPage(Schema):
    """The newest first."""

    data: list[RolloutOut]
    next: str | None


class WaveOut(Schema):
    """One wave; `steps` counts its edges."""

    number: int
    edges: int
    steps: dict[str, int]


class RolloutDetailOut(RolloutOut):
    """A roll-out by its waves."""

    waves: list[WaveOut]


class PlanOut(Schema):
    """How many edges each wave would have; those that are offline now hold nobody up."""

    edges: int
    waves: list[int]
    offline: int


class RolloutEdgeOut(Schema):
    """An edge of a roll-out."""

    edge_id: int
    customer_id: int
    wave: int
    step: str
    why: str
    before: str
    ordered_at: datetime | None
    ended_at: datetime | None


class RolloutEdgePage(Schema):
    """In the order of the roll-out's rows."""

    data: list[RolloutEdgeOut]
    next: str | None


@router.get("/rollouts", response=RolloutPage)
def rollouts(request: Call, limit: Limit = 50, after: After = None) -> Any:
    """The operator's roll-outs."""
    require_known(request)
    request.auth.require(Permission.OPERATOR_PROFILE_READ)
    found, further = page_of(rollouts_for(request.auth), limit=limit, after=after, descending=True)
    counted = counts_of(found)
    return {"data": [_shown(each, counted[each.pk].values()) for each in found], "next": further}


@router.post("/rollouts/preview", response=PlanOut, openapi_extra=form_body(RolloutForm))
def preview(request: Call) -> Any:
    """What these terms would mean now; nothing begins."""
    values = _asked(request)
    try:
        refuse_unfit(values["operator_profile"], values["image"])
    except ValidationError as error:
        raise refused(error) from None
    found = plan(values["operator_profile"].pk, Terms.of(values))
    return {"edges": found.edges, "waves": list(found.waves), "offline": found.offline}


@router.post("/rollouts", response={201: RolloutDetailOut}, openapi_extra=form_body(RolloutForm))
def start(request: Call, response: HttpResponse) -> Any:
    """Begins one; the worker goes on with it."""
    values = _asked(request)
    try:
        made = begin(request.auth, values["operator_profile"], values["image"], Terms.of(values), now=timezone.now())
    except ValidationError as error:
        raise refused(error) from None
    response["Location"] = f"/api/v1/rollouts/{made.pk}"
    return Status(201, _detail(made))


@router.get("/rollouts/{int:rollout_id}", response=RolloutDetailOut)
def rollout(request: Call, rollout_id: int) -> Any:
    """How far it is."""
    return _detail(_found(request, rollout_id))


@router.get("/rollouts/{int:rollout_id}/edges", response=RolloutEdgePage)
def rollout_edges(
    request: Call,
    rollout_id: int,
    step: Literal["", "waiting", "ordered", "away", "done", "failed", "skipped"] = "",
    limit: Limit = 50,
    after: After = None,
) -> Any:
    """Its edges, of customers that let the operator in."""
    require_known(request, "step")
    rows = rollout_edges_for(request.auth, _found(request, rollout_id))
    found, further = page_of(rows.filter(step=step) if step else rows, limit=limit, after=after)
    return {"data": found, "next": further}


@router.post("/rollouts/{int:rollout_id}/pause", response=RolloutDetailOut)
def pause(request: Call, rollout_id: int) -> Any:
    """Orders nothing more until it goes on; what is under way ends."""
    return _turned(request, rollout_id, command.pause)


@router.post("/rollouts/{int:rollout_id}/continue", response=RolloutDetailOut)
def go_on(request: Call, rollout_id: int) -> Any:
    """Lets it go on; the failures until now are accepted."""
    return _turned(request, rollout_id, command.go_on)


@router.post("/rollouts/{int:rollout_id}/take-back", response=RolloutDetailOut)
def take_back(request: Call, rollout_id: int) -> Any:
    """Tells every edge to run what its profile brings again."""
    return _turned(request, rollout_id, command.take_back)


def _turned(request: Call, rollout_id: int, deed: Callable[..., Rollout]) -> dict[str, Any]:
    request.auth.require(Permission.OPERATOR_PROFILE_MANAGE)
    found = _found(request, rollout_id)
    try:
        return _detail(deed(request.auth, found.pk, now=timezone.now()))
    except ValidationError as error:
        raise refused(error) from None


def _asked(request: Call) -> dict[str, Any]:
    request.auth.require(Permission.OPERATOR_PROFILE_MANAGE)
    return clean(RolloutForm, read_body(request), request.auth)


def _found(request: Call, rollout_id: int) -> Rollout:
    request.auth.require(Permission.OPERATOR_PROFILE_READ)
    return one_of(rollouts_for(request.auth), rollout_id)


def _detail(found: Rollout) -> dict[str, Any]:
    waves = waves_of(found)
    return {**_shown(found, [wave.steps for wave in waves]), "waves": [wave._asdict() for wave in waves]}


def _shown(found: Rollout, steps: Iterable[Mapping[str, int]]) -> dict[str, Any]:
    own = {name: getattr(found, name) for name in RolloutOut.model_fields if hasattr(found, name)}
    return {**own, "image": found.image_name, "steps": total(steps)}
