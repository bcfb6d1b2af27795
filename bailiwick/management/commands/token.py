"""`bailiwick token create --user EMAIL --name N`: makes an API token for a user and prints it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from bailiwick.access import tokens
from bailiwick.access.actor import Actor
from bailiwick.access.login import living_users
from bailiwick.access.wall import behind
from bailiwick.engine.forms.fields import NameField
from bailiwick.models.addresses import email_key

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """The host's shell is trusted like a superuser (reliability 1.1); the event names it."""

    help = "Makes an API token for a user and prints it; it is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares `create --user EMAIL --name N [--days D]`."""
        verb = parser.add_subparsers(dest="verb", required=True).add_parser("create", help=self.help)
        verb.add_argument("--user", required=True, metavar="EMAIL")
        verb.add_argument("--name", required=True)
        verb.add_argument("--read-only", action="store_true", help="the token may only read")
        verb.add_argument("--days", type=int, default=tokens.DEFAULT_LIFE.days)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prints the token and nothing else."""
        with behind(Actor.console()):
            self._print(options)

    def _print(self, options: dict[str, Any]) -> None:
        user = living_users().filter(email_key=email_key(options["user"])).first()
        if user is None:
            raise CommandError(f"There is no active user {options['user']}.")
        try:
            name = NameField(max_length=100).clean(options["name"])
            life = timedelta(days=options["days"])
            token = tokens.create(
                Actor.console(), user, name=name, now=timezone.now(), life=life, read_only=options["read_only"]
            )
        except (ValidationError, OverflowError) as error:
            raise CommandError(" ".join(getattr(error, "messages", ["A token lives at most 12 months."]))) from None
        self.stdout.write(token)
