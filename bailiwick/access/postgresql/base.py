"""The connection: where a statement stands, behind which wall, and whether it may write (docs/adr/0011, 0020)."""

from __future__ import annotations

from typing import Any, NamedTuple

import psycopg
from django.db.backends.postgresql import base


class Place(NamedTuple):
    """Behind which wall statements stand: a role of the database, and whose rows it shows them."""

    role: str = ""  # none: the role of the process, which sees no row of anybody
    partner_id: int | None = None
    customer_id: int | None = None
    user_id: int | None = None


OUTSIDE = Place()


class DatabaseWrapper(base.DatabaseWrapper):
    """`reads_only`: transactions that begin now may not write. `place`: where statements that begin now stand."""

    def __init__(self, *settings: Any, **options: Any) -> None:
        super().__init__(*settings, **options)
        self.reads_only = False
        self.place = OUTSIDE
        # What the server was told; None where it has to be told again.
        self._told: Place | None = OUTSIDE

    def is_usable(self) -> bool:
        """Asks once a request, as Django does with `SELECT 1`: the same round trip."""
        if self.connection is None:
            return False
        mode = "on" if self.reads_only else "off"
        try:
            self._tell(f"SET default_transaction_read_only = {mode};")
        except psycopg.Error:
            return False
        return True

    def init_connection_state(self) -> None:
        """A new connection may write, and stands outside, unless told otherwise."""
        super().init_connection_state()
        self._told = OUTSIDE
        if self.connection is not None and self.reads_only:
            self.is_usable()

    def create_cursor(self, name: str | None = None) -> Any:
        """A statement never begins where another request stood."""
        self.take_place()
        return super().create_cursor(name)

    def take_place(self) -> None:
        """Tells the server where statements stand from now on, if it stands elsewhere and can listen."""
        if self.connection is not None and self._told != self.place and not self._is_broken():
            self._tell()

    def was_told(self, place: Place | None) -> None:
        """A statement of ours has told the server by itself; with None it is told again before the next one."""
        self._told = place
        self.place = place or self.place

    def leave_place(self, place: Place, *, eagerly: bool) -> None:
        """Goes back to where statements stood; a connection that cannot listen now is told before the next one."""
        self.place = place
        try:
            if eagerly:
                self.take_place()
        except psycopg.Error:
            self._told = None

    def reads(self, place: Place) -> str:
        """What a transaction of another connection is told that reads a file from there, and may do nothing else."""
        return self._telling(place._replace(role=place.role.replace("bailiwick_", "bailiwick_export_")), "true")

    def _is_broken(self) -> bool:
        """A transaction that failed listens to nothing but its end, and is put back to where it began."""
        return bool(self.connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR)

    def _tell(self, before: str = "") -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(before + self._telling(self.place, "false"))
        self._told = self.place

    def _telling(self, place: Place, local: str) -> str:
        names = ("partner", "customer", "user")
        settings = {f"bailiwick.{name}": _text(pk) for name, pk in zip(names, place[1:], strict=True)}
        settings["role"] = place.role or self.settings_dict["OPTIONS"].get("assume_role") or "none"
        return "SELECT " + ", ".join(f"set_config('{name}', '{value}', {local})" for name, value in settings.items())

    def _rollback(self) -> Any:
        """What the transaction told the server is forgotten with it."""
        self._told = None
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self._told = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]


def _text(pk: int | None) -> str:
    return "" if pk is None else str(int(pk))
