"""The tenancy self-test over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status

from bailiwick.api.caller import Call
from bailiwick.api.paging import one_of
from bailiwick.engine import self_tests

router = Router(tags=["Tenancy self-test"])


class FindingOut(Schema):
    """A question, and what its answer tells."""

    question: str
    told: str


class SelfTestOut(Schema):
    """One run; `state` is queued, running, passed, leaks or failed."""

    id: int
    state: str
    percent: int
    actor_name: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    questions: int
    comparisons: int
    findings: list[FindingOut]
    error: str


@router.post("/self-tests", response={202: SelfTestOut})
def ask(request: Call, response: HttpResponse) -> Any:
    """Asks for a run: 202 with the address of its report. Where one is under way, it is that one."""
    run = self_tests.ask(request.auth, now=timezone.now())
    response["Location"] = f"/api/v1/self-tests/{run.pk}"
    return Status(202, run)


@router.get("/self-tests/{int:run_id}", response=SelfTestOut)
def one(request: Call, run_id: int) -> Any:
    """How far a run is, and what it found."""
    return one_of(self_tests.runs(request.auth), run_id)
