"""System properties: the switches of the installation (domain 16.4)."""

from __future__ import annotations

from django.db import models


class SystemProperty(models.Model):
    """A value that differs from its default; the definitions stand in access/properties.py."""

    name = models.CharField(max_length=128, unique=True)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)
    version = models.IntegerField(default=1)

    def __str__(self) -> str:
        return self.name
