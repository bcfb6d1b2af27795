"""A request behind the doorkeeper: it has an actor and a signed-in user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from bailiwick.access.actor import Actor
    from bailiwick.models import User


class Request(HttpRequest):
    """For annotations only: web/doorkeeper.py adds the actor, Django's middleware the user."""

    actor: Actor
    htmx: HtmxDetails
    user: User
