"""Runs of the tenancy self-test."""

from __future__ import annotations

from django.db import models


class SelfTest(models.Model):
    """One run: who asked for it, how far it is, and what it found. What it plants is never committed."""

    actor_name = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    starts = models.IntegerField(default=0, help_text="more than one: a worker ended in the middle")
    steps = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    questions = models.IntegerField(default=0)
    comparisons = models.IntegerField(default=0)
    findings = models.JSONField(default=list)
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(finished_at=None), name="self_test_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"self-test {self.pk}"

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 * self.done // self.steps if self.steps else 0

    @property
    def state(self) -> str:
        """One word for scripts."""
        if self.finished_at is None:
            return "running" if self.started_at else "queued"
        return "failed" if self.error else "leaks" if self.findings else "passed"
