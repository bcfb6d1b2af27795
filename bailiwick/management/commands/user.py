"""`bailiwick user create EMAIL --role R`: adds an operator and prints the link with which he chooses his password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bailiwick.access import users
from bailiwick.access.actor import Actor
from bailiwick.access.permissions import ROLES
from bailiwick.engine.forms.fields import EmailField

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """The host's shell is trusted like a superuser (reliability 1.1); the event names it."""

    help = "Adds an operator user and prints an invitation link, valid for 72 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares `create EMAIL --role R`."""
        verb = parser.add_subparsers(dest="verb", required=True).add_parser("create", help=self.help)
        verb.add_argument("email")
        verb.add_argument("--role", choices=sorted(ROLES["operator"]), required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prints the link and nothing else."""
        try:
            person = users.Person(email=EmailField().clean(options["email"]), role=options["role"])
            _user, path = users.invite(Actor.console(), person, now=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(settings.PUBLIC_URL.rstrip("/") + path)
