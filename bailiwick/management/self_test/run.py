"""Carrying a self-test out: step by step, each in a transaction that is rolled back, so that nothing ever remains."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from bailiwick.management.self_test.ask import Portal
from bailiwick.management.self_test.crawl import Crawl, Finding
from bailiwick.management.self_test.planted import plant
from bailiwick.management.self_test.routes import Route, bodies, queries, routes
from bailiwick.models import SelfTest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    Document = Callable[[], Mapping[str, Any]]

LEVELS = ("partner", "customer")
# Ids in paths are all tried; of the fields of forms and queries so many: the rest is `make test-slow`.
ONE_OF = 20
MOST_STARTS = 3
MOST_FINDINGS = 200
LONGEST = 500


class Step(NamedTuple):
    """One route, asked by one side: a second or two, so that no lock is held for longer."""

    level: str
    route: Route


def steps() -> list[Step]:
    """All of a run."""
    return [Step(level, route) for level in LEVELS for route in routes()]


def carry_out(now: datetime, *, leaving: Callable[[], bool], document: Document) -> int:
    """Runs the test that waits, if one does, and returns how many it finished.

    The caller holds the lock that keeps it to one worker: a run that began before and did not end was cut off.
    """
    run = SelfTest.objects.filter(finished_at=None).first()
    if run is None:
        return 0
    _update(run, started_at=now, starts=run.starts + 1, done=0, questions=0, comparisons=0, findings=[])
    if run.starts > MOST_STARTS:
        return _finish(run, error=f"It was cut off {MOST_STARTS} times.")
    try:
        with _silence():
            whole = _carry_out(run, leaving, document())
    except Exception as error:
        logging.getLogger("bailiwick.worker").exception("the self-test broke")
        return _finish(run, error=f"It broke: {type(error).__name__}.")
    return _finish(run) if whole else 0


def _carry_out(run: SelfTest, leaving: Callable[[], bool], document: Mapping[str, Any]) -> bool:
    portal, todo, findings = Portal(), steps(), list[Finding]()
    comparisons = 0
    for number, step in enumerate(todo, start=1):
        if leaving():
            return False
        found, tried = take(portal, step, document)
        findings, comparisons = [*findings, *found], comparisons + tried
        shown = [{name: text[:LONGEST] for name, text in asdict(each).items()} for each in findings[:MOST_FINDINGS]]
        _update(run, steps=len(todo), done=number, questions=portal.asked, comparisons=comparisons, findings=shown)
    return True


def take(portal: Portal, step: Step, document: Mapping[str, Any]) -> tuple[list[Finding], int]:
    """What one step finds, and how many comparisons it made."""
    with transaction.atomic():
        session = plant(step.level, now=timezone.now())
        crawl = Crawl(portal, session, bodies(document), queries(document), step=ONE_OF)
        found = list(crawl.route(step.route))
        transaction.set_rollback(True)
    return found, crawl.trials


def _finish(run: SelfTest, **values: Any) -> int:
    _update(run, finished_at=timezone.now(), **values)
    return 1


def _update(run: SelfTest, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    run.save(update_fields=list(values))


@contextmanager
def _silence() -> Iterator[None]:
    """Thousands of refusals are what it is about; in the log they would bury what matters. Errors stay."""
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
