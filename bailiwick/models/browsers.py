"""The browsers of users: signed in now, and known from before."""

from __future__ import annotations

from django.db import models


class Browser(models.Model):
    """A session as its user sees it; the session itself is Django's row of the same key."""

    user = models.ForeignKey("User", models.CASCADE, related_name="browsers")
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    session_key = models.CharField(max_length=40, unique=True)
    epoch = models.IntegerField()
    agent = models.CharField(max_length=255, blank=True, default="")
    address = models.CharField(max_length=64, blank=True, default="")
    began_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"browser {self.pk} of user {self.user_id}"


class Device(models.Model):
    """A browser in which a user signed in once: guesses made elsewhere do not lock it out. Only a hash is kept."""

    user = models.ForeignKey("User", models.CASCADE, related_name="devices")
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    secret_hash = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "secret_hash"), name="device_unique"),)

    def __str__(self) -> str:
        return f"device {self.pk} of user {self.user_id}"


class FormerPassword(models.Model):
    """The hash of a password that its user had before."""

    user = models.ForeignKey("User", models.CASCADE, related_name="former_passwords")
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"former password of user {self.user_id}"
