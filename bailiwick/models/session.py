"""A signed-in browser, with its user in a column: one statement finds both."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """What a cookie stands for; without a foreign key, as one whose user is gone stands for nobody."""

    user_id = models.BigIntegerField(null=True)
