"""How often somebody may guess: counted by one statement in PostgreSQL, so no two processes share the last try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

from bailiwick.models import Attempt

if TYPE_CHECKING:
    from datetime import datetime

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 50

# The count is taken before the password is looked at and given back when it was right: what runs at once counts.
TAKE = """
INSERT INTO bailiwick_attempt AS a (subject, failures, window_started_at, blocked_until)
VALUES (%(subject)s, 1, %(now)s, NULL)
ON CONFLICT (subject) DO UPDATE SET
  failures = CASE WHEN {over} THEN 1 ELSE a.failures + 1 END,
  window_started_at = CASE WHEN {over} THEN %(now)s ELSE a.window_started_at END,
  blocked_until = CASE WHEN {over} THEN NULL
    WHEN a.failures + 1 >= %(limit)s THEN coalesce(a.blocked_until, %(until)s) ELSE a.blocked_until END
RETURNING failures
""".format(over="coalesce(a.blocked_until, a.window_started_at + %(window)s) <= %(now)s")


@dataclass(frozen=True, slots=True)
class Budget:
    """The tries of one account or one address."""

    subject: str
    limit: int

    def take(self, now: datetime) -> int:
        """Counts one try and returns its number in this window; beyond `limit` it must be refused unseen."""
        values: dict[str, Any] = {
            "subject": self.subject,
            "now": now,
            "limit": self.limit,
            "window": WINDOW,
            "until": now + WINDOW,
        }
        with connection.cursor() as cursor:
            cursor.execute(TAKE, values)
            return int(cursor.fetchone()[0])

    def give_back(self) -> None:
        """The try was right: it does not count."""
        Attempt.objects.filter(subject=self.subject).update(
            failures=Greatest(F("failures") - 1, 0),
            blocked_until=Case(When(failures__gt=self.limit, then=F("blocked_until")), default=Value(None)),
        )

    def clear(self) -> None:
        """Forgets every try."""
        Attempt.objects.filter(subject=self.subject).delete()


def account(email_key: str) -> Budget:
    """The tries at one account, whether it exists or not."""
    return Budget(f"account:{email_key}", PER_ACCOUNT)


def known(email_key: str) -> Budget:
    """The tries at one account from browsers that its user signed in with before: nobody else can use them up."""
    return Budget(f"known:{email_key}", PER_ACCOUNT)


def address(text: str, *, purpose: str = "sign-in") -> Budget:
    """The tries from one network address; who has one IPv6 address has a /64 of them."""
    return Budget(f"{purpose}:{_network(text)}", PER_ADDRESS)


def _network(text: str) -> str:
    try:
        return str(ip_network((text, 64), strict=False)) if ":" in text else text
    except ValueError:
        return text


def mailed(email_key: str) -> Budget:
    """The reset letters that strangers may cause for one account in a window."""
    return Budget(f"mailed:{email_key}", 3)


def confirming(email_key: str) -> Budget:
    """The letters that users of the portal may send to one address before it is known whose it is."""
    return Budget(f"confirming:{email_key}", 3)


def edge(edge_id: int) -> Budget:
    """The tries to activate an edge with a key that does not fit; beyond them nothing is written down."""
    return Budget(f"edge:{edge_id}", PER_ACCOUNT)


def gateway(gateway_id: int) -> Budget:
    """As of an edge."""
    return Budget(f"gateway:{gateway_id}", PER_ACCOUNT)


def factor(user_id: int) -> Budget:
    """The tries at the second factor of one whose password was right."""
    return Budget(f"factor:{user_id}", PER_ACCOUNT)


def locked(email_keys: list[str], now: datetime) -> set[str]:
    """Which of these accounts are locked now."""
    subjects = [account(key).subject for key in email_keys]
    rows = Attempt.objects.filter(subject__in=subjects, blocked_until__gt=now, failures__gte=PER_ACCOUNT)
    return {subject.removeprefix("account:") for subject in rows.values_list("subject", flat=True)}


def forget(now: datetime) -> int:
    """Removes counters that no longer matter; returns how many."""
    old = Q(window_started_at__lt=now - WINDOW) & (Q(blocked_until=None) | Q(blocked_until__lt=now))
    return Attempt.objects.filter(old).delete()[0]
