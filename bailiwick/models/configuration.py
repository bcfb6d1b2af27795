"""The configuration of customers: objects with ids of their own in each customer, whom they name, what they said."""

from __future__ import annotations

from django.db import models


class ConfigurationObject(models.Model):
    """A profile, a module of it, a segment, a service, a rule: told apart by `kind` (engine/configuration/kinds.py).

    Objects of a customer refer to each other by `local_id`, in bodies too, so a copy of all of them is right as it is.
    """

    pk = models.CompositePrimaryKey("customer_id", "local_id")
    customer = models.ForeignKey("Customer", models.CASCADE, related_name="configuration", db_index=False)
    partner_id = models.BigIntegerField(null=True)
    local_id = models.IntegerField()
    kind = models.CharField(max_length=32)
    parent_id = models.IntegerField(null=True, help_text="the profile that it is a part of, or that its edge has")
    edge = models.ForeignKey(
        "Edge", models.CASCADE, null=True, related_name="configuration", db_index=False, help_text="whose settings"
    )
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=1024, db_collation="C")
    position = models.IntegerField(default=0, db_default=0, help_text="of rules: the first that matches is followed")
    body = models.JSONField()
    blocker = models.CharField(max_length=32, blank=True, default="", db_default="", help_text="why it is no template")
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField()
    # Of profiles and of edges: a device compares it, so it costs a heartbeat one look (engine/configuration/reach.py).
    reach = models.IntegerField(default=0, db_default=0, help_text="how often something changed that it leads to")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "parent_id", "kind", "name_key"),
                name="configuration_name_unique",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(fields=("edge",), name="configuration_edge_unique"),
        )
        indexes = (
            models.Index(
                fields=("customer", "blocker"), condition=~models.Q(blocker=""), name="configuration_blockers"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ConfigurationReference(models.Model):
    """That one object names another of the same customer: who is named cannot be deleted."""

    pk = models.CompositePrimaryKey("customer_id", "from_id", "to_id")
    customer = models.ForeignKey("Customer", models.CASCADE, related_name="+", db_index=False)
    partner_id = models.BigIntegerField(null=True)
    from_id = models.IntegerField()
    to_id = models.IntegerField()

    class Meta:
        indexes = (models.Index(fields=("customer", "to_id"), name="configuration_referred"),)

    def __str__(self) -> str:
        return f"{self.from_id} names {self.to_id}"


class ConfigurationVersion(models.Model):
    """What an object said before: kept when it is changed, for comparing and going back."""

    pk = models.CompositePrimaryKey("customer_id", "local_id", "version")
    customer = models.ForeignKey("Customer", models.CASCADE, related_name="+", db_index=False)
    partner_id = models.BigIntegerField(null=True)
    local_id = models.IntegerField()
    version = models.IntegerField()
    name = models.CharField(max_length=255)
    body = models.JSONField()
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"version {self.version} of {self.local_id}"
