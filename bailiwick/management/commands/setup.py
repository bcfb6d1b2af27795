"""Makes what an empty installation needs: a default gateway pool, an operator profile, and who vouches for devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from bailiwick.fleet.authority import door_certificate

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

POOL, PROFILE, IMAGE, VERSION = "Default pool", "Default profile", "Edge software", "1.0.0"
HERE = ("localhost", "127.0.0.1", "::1")
# Two starts at the same time must not make two of each.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('bailiwick setup'))"
MAKE_POOL = """
INSERT INTO bailiwick_gatewaypool (logical_id, name, name_key, is_default)
SELECT gen_random_uuid(), %s, lower(%s), true WHERE NOT EXISTS (SELECT FROM bailiwick_gatewaypool WHERE is_default)
"""
MAKE_PROFILE = """
WITH image AS (
  INSERT INTO bailiwick_softwareimage (logical_id, name, version, deprecated)
  SELECT gen_random_uuid(), %s, %s, false WHERE NOT EXISTS (SELECT FROM bailiwick_operatorprofile)
  RETURNING id
)
INSERT INTO bailiwick_operatorprofile (logical_id, name, name_key, image_id)
SELECT gen_random_uuid(), %s, lower(%s), id FROM image
"""


class Command(BaseCommand):
    """`bailiwick up` calls this after each migration; it adds only what is missing."""

    help = "Makes the default gateway pool, operator profile and authority for devices when there are none."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Adds what is missing."""
        with transaction.atomic(), connection.cursor() as cursor:
            make_defaults(cursor)
        door_certificate(settings.HOME, _door_names(), now=timezone.now())


def _door_names() -> list[str]:
    """Under which names devices may call: those of this machine, of the portal and of the door."""
    named = (urlsplit(address).hostname for address in (settings.PUBLIC_URL, settings.DEVICE_URL))
    return [*HERE, *(name for name in named if name)]


def make_defaults(cursor: CursorWrapper) -> None:
    """Adds the default pool, and the default profile with its image, where there are none."""
    cursor.execute(LOCK)
    cursor.execute(MAKE_POOL, [POOL, POOL])
    cursor.execute(MAKE_PROFILE, [IMAGE, VERSION, PROFILE, PROFILE])
