"""The connection: finding out whether it still lives also says what the request that begins may do (docs/adr/0011)."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """`reads_only`: transactions that begin now may not write. The web server sets it before each request."""

    def __init__(self, *settings: Any, **options: Any) -> None:
        super().__init__(*settings, **options)
        self.reads_only = False

    def is_usable(self) -> bool:
        """Asks once a request, as Django does with `SELECT 1`: the same round trip."""
        if self.connection is None:
            return False
        try:
            self._tell()
        except psycopg.Error:
            return False
        return True

    def init_connection_state(self) -> None:
        """A new connection may write, unless told otherwise."""
        super().init_connection_state()
        if self.connection is not None and self.reads_only:
            self._tell()

    def _tell(self) -> None:
        mode = "on" if self.reads_only else "off"
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET default_transaction_read_only = {mode}")
