"""The two sides of the self-test, and the numbers under which all of their rows stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

FIRST = 700_000_000_000_000


@dataclass(frozen=True, slots=True)
class Id:
    """A number for every kind of row, and the UUID that stands beside it."""

    number: int

    @property
    def uuid(self) -> UUID:
        """The logical id of every row of this number."""
        return UUID(int=0x5E1F_7E57_0000_4000_8000_0000_0000_0000 + self.number)


OWN, FOREIGN, DELETED, INVENTED, SHARED = (Id(FIRST + each) for each in range(1, 6))
# A customer that is offered to the partner of the same side stands this much further.
OFFERED = 100
MARK = "Qzxjwv"


@dataclass(frozen=True, slots=True)
class Side:
    """One home and what is in it; every text that it holds begins with its mark."""

    id: Id
    level: str
    mark: str
    now: datetime

    @property
    def partner_id(self) -> int:
        """Two partners, or two customers of one partner."""
        return self.id.number if self.level == "partner" else SHARED.number

    @property
    def home(self) -> dict[str, Any]:
        """The columns that say whose a row is."""
        customer = {"customer_id": self.id.number} if self.level == "customer" else {}
        return {"partner_id": self.partner_id} | customer

    @property
    def row(self) -> dict[str, Any]:
        """The id under which every kind of row of this side stands."""
        return {"pk": self.id.number}
