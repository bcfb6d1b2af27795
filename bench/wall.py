"""wall.*: the customers page behind the second wall, beside the same page without roles and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.access import session_store
from bailiwick.access.actor import Actor
from bailiwick.access.postgresql.base import DatabaseWrapper
from bailiwick.models import Customer, User
from bench.figure import Figure, both, milliseconds
from bench.measure import Series
from bench.server import cookie_of, processor_ms, server
from bench.web import PAGE, visited
from bench.world import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.world import World

LIMIT = 1.05
# As the session was read before there was a wall; the four empty values stand where the wall says whose rows are seen.
WHO = """
SELECT s.session_data, (SELECT jsonb_object_agg(p.name, p.value) FROM bailiwick_systemproperty p), {columns},
  '', '', '', ''
FROM bailiwick_session s
LEFT JOIN (bailiwick_user u LEFT JOIN bailiwick_customer c ON c.id = u.customer_id)
  ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL AND c.deleted_at IS NULL
WHERE s.session_key = %s AND s.expire_date > %s
"""


def run(world: World) -> Iterator[Figure]:
    """As an operator, who sees every row, and as a user of the largest partner, who sees its own."""
    each = 40 if world.size.judges else 2
    with server() as walled, server(BENCH_WITHOUT_WALL="1") as plain:
        for name, actor in (("operator", world.actor), ("partner", _partners_user())):
            cookie = {"Cookie": cookie_of(actor)}
            for part, path in (("page", PAGE), ("search", f"{PAGE}?search=logistics")):
                took = {"walled": Series(), "plain": Series()}
                for number in range(2 * world.size.rounds + 1):
                    for wall, (port, process) in (("walled", walled), ("plain", plain)):
                        before = processor_ms(process)
                        times = visited(port, path, cookie, 1, each)
                        if number:  # the first round warms the servers
                            took[wall].wall += times
                            took[wall].cpu.append((processor_ms(process) - before) / each)
                yield _figure(f"wall.{part}.{name}", took["walled"], took["plain"], judged=part == "page")


def take_down() -> None:
    """Makes this process serve as if there were no wall: for the server beside which the portal is measured."""
    columns = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)
    session_store._who = lambda: WHO.format(columns=columns)
    wrapper: Any = DatabaseWrapper
    wrapper._telling = lambda _self, _place, _local: "SELECT 1"


def _partners_user() -> Actor:
    ((partner,),) = execute("SELECT mode() WITHIN GROUP (ORDER BY partner_id) FROM bailiwick_customer")
    Customer.objects.filter(partner_id=partner, partner_access=False).update(partner_access=True)
    facts = {"level": "partner", "role": "partner-superuser", "partner_id": partner, "password": "!"}
    email = "bench@partner.example"
    user, _made = User.objects.get_or_create(email_key=email, defaults={"email": email, **facts})
    return Actor.of(user, door="web")


def _figure(name: str, walled: Series, plain: Series, *, judged: bool) -> Figure:
    return Figure(
        name,
        f"{both(walled)}, p95 {milliseconds(walled.p95())}",
        f"without {both(plain)}",
        ratio=walled.cpu_ms / plain.cpu_ms,
        at_most=LIMIT if judged else None,
    )
