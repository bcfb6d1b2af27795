"""`bailiwick user create EMAIL --role R` prints a new operator's link; `user reset-factor EMAIL` lets one in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bailiwick.access import users
from bailiwick.access.actor import Actor
from bailiwick.access.factor import enrolment
from bailiwick.access.login import living_users
from bailiwick.access.permissions import ROLES
from bailiwick.access.wall import behind
from bailiwick.engine.forms.fields import EmailField
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """The host's shell is trusted like a superuser (reliability 1.1); the event names it."""

    help = "Adds an operator user and prints an invitation link, valid for 72 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares `create EMAIL --role R` and `reset-factor EMAIL`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help=self.help)
        create.add_argument("email")
        create.add_argument("--role", choices=sorted(ROLES["operator"]), required=True)
        reset = verbs.add_parser("reset-factor", help="Removes a user's second factor, for the day when all are lost.")
        reset.add_argument("email")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prints the link, or nothing."""
        with behind(Actor.console()):
            if options["verb"] == "reset-factor":
                self._reset(options["email"])
            else:
                self._create(options)

    def _create(self, options: dict[str, Any]) -> None:
        try:
            person = users.Person(email=EmailField().clean(options["email"]), role=options["role"])
            _user, path = users.invite(Actor.console(), person, now=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(settings.PUBLIC_URL.rstrip("/") + path)

    def _reset(self, email: str) -> None:
        user = living_users().filter(email_key=email_key(email)).first()
        if user is None:
            raise CommandError(f"There is no active user {email}.")
        enrolment.wipe(Actor.console(), user, now=timezone.now())
