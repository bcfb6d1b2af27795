"""Selections, jobs and their outcomes, and what is to be sent: a bulk action as rows."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

CHUNK = 1_000


class Selection(models.Model):
    """A frozen ticket: the filter, the customers that matched it then, how many, and their digest."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    matching = models.JSONField(null=True, help_text="the filter, or nothing when rows were ticked")
    count = models.IntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="selection_by_expiry"),)

    def __str__(self) -> str:
        return f"{self.count} customers"


class SelectionChunk(models.Model):
    """At most 1,000 customer ids of a selection, in ascending order; a job runs one chunk in one transaction."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="chunks", db_index=False)
    number = models.IntegerField()
    customer_ids = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = (models.UniqueConstraint(fields=("selection", "number"), name="selection_chunk_unique"),)

    def __str__(self) -> str:
        return f"chunk {self.number} of selection {self.selection_id}"


class JobState(models.TextChoices):
    """DESIGN section 8."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(models.Model):
    """One submitted action: who, what, on which selection, and how far it is."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    action = models.CharField(max_length=64)
    title = models.CharField(max_length=500)
    user_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=254)
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    door = models.CharField(max_length=16)
    address = models.CharField(max_length=64, blank=True, default="")
    selection = models.ForeignKey(Selection, models.PROTECT, null=True, related_name="jobs")
    params = models.JSONField(default=dict, help_text="the raw values of the form, checked again at every run")
    state = models.CharField(max_length=16, choices=JobState, default=JobState.QUEUED)
    total = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")
    result = models.JSONField(null=True, help_text="what a Create made")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0, help_text="raised at every claim; a worker with an older one writes nothing")
    lease_until = models.DateTimeField(null=True)
    undo_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")
    retry_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="retried_by")
    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 -- null is "no key": many rows may have none
    request_digest = models.CharField(max_length=64, blank=True, default="")
    is_listed = models.BooleanField(default=False, db_default=False, help_text="its changes stand in the list's order")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user_id", "idempotency_key"),
                condition=Q(idempotency_key__isnull=False),
                name="job_idempotency_unique",
            ),
        )
        indexes = (
            models.Index(fields=("lease_until",), condition=Q(state__in=("queued", "running")), name="job_open"),
            models.Index(fields=("user_id", "-id"), name="job_by_user"),
            models.Index(fields=("id",), condition=Q(is_listed=False, selection__isnull=False), name="job_unlisted"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def pending(self) -> int:
        """Rows that have no outcome yet."""
        return self.total - self.changed - self.refused - self.failed

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Upload(models.Model):
    """A file that a user gave, kept between the steps of an import; its rows are frozen with the job."""

    logical_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_id = models.BigIntegerField()
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user_id", "digest"), name="upload_unique"),)
        indexes = (models.Index(fields=("expires_at",), name="upload_by_expiry"),)

    def __str__(self) -> str:
        return self.name


class JobInput(models.Model):
    """At most 1,000 rows that a Create was given; a job makes one chunk in one transaction."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="inputs", db_index=False)
    number = models.IntegerField()
    rows = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "number"), name="job_input_unique"),)

    def __str__(self) -> str:
        return f"input {self.number} of job {self.job_id}"


class JobChunk(models.Model):
    """Written once, with the work of the chunk: its unique key is why no chunk can count twice."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="chunks", db_index=False)
    number = models.IntegerField()
    changed = models.IntegerField()
    refused = models.IntegerField()
    failed = models.IntegerField(default=0)
    finished_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "number"), name="job_chunk_unique"),)

    def __str__(self) -> str:
        return f"chunk {self.number} of job {self.job_id}"


class JobRefusal(models.Model):
    """A selected customer that the job left alone, and why. Changed ones are the job's events (docs/adr).

    Like an event it has no foreign key: PostgreSQL would look its job up again for each row, at every commit.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="refusals", db_index=False, db_constraint=False)
    customer_id = models.BigIntegerField(null=True)
    line = models.IntegerField(null=True, help_text="which line of the input, where nothing was made")
    customer_name = models.CharField(max_length=255)
    outcome = models.CharField(max_length=16, default="refused")
    code = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    named = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="the reason with names of the customer's own"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "customer_id"), name="job_refusal_unique"),)

    def __str__(self) -> str:
        return f"{self.customer_name}: {self.reason}"


class OutboxMessage(models.Model):
    """Something to send after commit; consumers in engine/outbox.py send it, at least once, with its key."""

    key = models.CharField(max_length=128, unique=True)
    kind = models.CharField(max_length=16)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("due_at",), condition=Q(sent_at=None, failed_at=None), name="outbox_due"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
