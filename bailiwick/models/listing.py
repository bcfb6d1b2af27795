"""What the customers list keeps beside each customer: what it is sorted and searched by."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class CustomerStat(models.Model):
    """The counters of a customer, kept by triggers on edge: never counted for a page; and when it was last changed."""

    customer = models.OneToOneField("Customer", models.CASCADE, primary_key=True, related_name="stat")
    partner_id = models.BigIntegerField(null=True)
    edges = models.IntegerField(default=0)
    edges_connected = models.IntegerField(default=0)
    edges_degraded = models.IntegerField(default=0)
    edges_down = models.IntegerField(default=0)
    edges_unactivated = models.IntegerField(default=0)
    status = models.SmallIntegerField(default=0)
    modified_at = models.DateTimeField(db_default=Now(), help_text="of its last job that the list's order knows")

    class Meta:
        indexes = (
            models.Index(fields=("modified_at", "customer"), name="stat_by_modified"),
            models.Index(fields=("edges", "customer"), name="stat_by_edges"),
            models.Index(fields=("edges_connected", "customer"), name="stat_by_connected"),
            models.Index(fields=("status", "customer"), include=("edges",), name="stat_by_status"),
            models.Index(fields=("edges_down", "customer"), condition=Q(edges_down__gt=0), name="stat_by_down"),
            models.Index(
                fields=("edges_degraded", "customer"), condition=Q(edges_degraded__gt=0), name="stat_by_degraded"
            ),
            models.Index(
                fields=("edges_unactivated", "customer"),
                condition=Q(edges_unactivated__gt=0),
                name="stat_by_unactivated",
            ),
        )

    def __str__(self) -> str:
        return f"counters of customer {self.customer_id}"


class CustomerSearch(models.Model):
    """The search text of a customer: name, account number, domain, contact and city, normalised and joined by US."""

    customer = models.OneToOneField("Customer", models.CASCADE, primary_key=True, related_name="search")
    partner_id = models.BigIntegerField(null=True)
    text = models.TextField(db_collation="C")

    class Meta:
        indexes = (GinIndex(fields=("text",), opclasses=("gin_trgm_ops",), name="customer_search_text"),)

    def __str__(self) -> str:
        return f"search text of customer {self.customer_id}"
