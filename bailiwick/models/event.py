"""The audit log: one row for each change, written in the transaction of the change."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Recorded(models.Model):
    """What happened, to what, by whom, through which door (domain 15.1); no foreign keys: it outlives its subject."""

    at = models.DateTimeField()
    name = models.CharField(max_length=64)
    category = models.CharField(max_length=16, default="CONFIGURATION")
    severity = models.CharField(max_length=16, default="INFO")
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=254)
    door = models.CharField(max_length=16)
    address = models.CharField(max_length=64, blank=True, default="")
    job_id = models.BigIntegerField(null=True)
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=255, blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class Event(Recorded):
    """An event as it was written."""

    class Meta:
        indexes = (
            models.Index(fields=("customer_id", "-id"), name="event_by_customer"),
            models.Index(fields=("job_id", "customer_id"), condition=~models.Q(job_id=None), name="event_by_job"),
            BrinIndex(fields=("at",), name="event_by_time"),
        )


class VeiledEvent(Recorded):
    """The same events as operators read them: a customer that manages its users itself shows no user of its own."""

    class Meta:
        managed = False
        db_table = "bailiwick_veiledevent"


class WholeEvent(Recorded):
    """The same events for who may read both halves of a move: who made it, and from whom to whom."""

    class Meta:
        managed = False
        db_table = "bailiwick_wholeevent"


class CustomersEvent(Recorded):
    """The whole events as customers read them: without what is the operator's own (MOD-03, access/told.py)."""

    class Meta:
        managed = False
        db_table = "bailiwick_customersevent"


class PartnersEvent(Recorded):
    """The same events as partners read them: of a customer that moved, nothing of the partner on the other side."""

    class Meta:
        managed = False
        db_table = "bailiwick_partnersevent"


class Numbers(models.Field):  # type: ignore[type-arg]
    """A set of numbers, neighbours told as one range: as PostgreSQL writes it, `{[1,90),[95,96)}`."""

    def db_type(self, connection: object) -> str:  # noqa: ARG002 -- Django's signature
        """PostgreSQL's own type."""
        return "int8multirange"


class Seal(models.Model):
    """One link of the chain over the events: which of them it covers, and what they were (docs/adr/0021)."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    ids = Numbers()
    # Numbers below `upto` that somebody was given who had not committed yet; a later seal covers them.
    awaited = Numbers()
    # Events of earlier seals that had their time.
    removed = Numbers()
    upto = models.BigIntegerField()
    total = models.BigIntegerField()
    # Of each event its SHA-256, in the order of their numbers.
    leaves = models.BinaryField()
    hash = models.BinaryField()
    key = models.CharField(max_length=16)
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"seal {self.number}"
