"""Puts rows into tables by COPY: thousands in the time that the ORM takes for a handful."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.backends.utils import CursorWrapper

Row = dict[str, Any]
TABLES = (
    *("customer", "customerdetail", "customerstat", "customersearch", "confirmation", "edge", "event"),
    *("configurationobject", "configurationreference"),
    *("partner", "gateway", "gatewaypool", "operatorprofile", "partnerpool", "partnerprofile", "customerprofile"),
    *("customerlicence", "partnerlicence"),
)
FILLED = sql.SQL(", ").join(sql.Identifier(f"bailiwick_{table}") for table in TABLES)

# Of the customers that manage their own software half may try what comes next, and one edge in nine of theirs does.
SOFTWARE = """
INSERT INTO bailiwick_customerprofile (customer_id, partner_id, operator_profile_id)
SELECT c.id, c.partner_id, p.id FROM bailiwick_customer c
JOIN bailiwick_operatorprofile p ON p.name IN ('Standard 6.4', 'Early adopters') AND p.id <> c.operator_profile_id
WHERE c.edge_image_management AND c.id % 2 = 0 ORDER BY c.id, p.id;
UPDATE bailiwick_edge e SET operator_profile_id = a.operator_profile_id
FROM (SELECT customer_id, min(operator_profile_id) AS operator_profile_id
      FROM bailiwick_customerprofile GROUP BY customer_id) a
WHERE a.customer_id = e.customer_id AND e.id % 9 = 0 AND e.state <> 'NEVER_ACTIVATED'
"""
GRANTS = """
INSERT INTO bailiwick_partnerpool (partner_id, gateway_pool_id, is_default)
SELECT partner_id, gateway_pool_id, false FROM bailiwick_customer WHERE partner_id IS NOT NULL
UNION SELECT p.id, g.id, false FROM bailiwick_partner p, bailiwick_gatewaypool g WHERE g.is_default
ON CONFLICT DO NOTHING;
INSERT INTO bailiwick_partnerprofile (partner_id, operator_profile_id, is_default)
SELECT DISTINCT partner_id, operator_profile_id, false FROM (
  SELECT partner_id, operator_profile_id FROM bailiwick_customer
  UNION ALL SELECT partner_id, operator_profile_id FROM bailiwick_customerprofile
) AS used WHERE partner_id IS NOT NULL
ON CONFLICT DO NOTHING
"""


def assign_software(cursor: CursorWrapper) -> None:
    """What customers may choose besides their default, and the edges that have it."""
    cursor.execute(SOFTWARE)


def grant_what_is_used(cursor: CursorWrapper) -> None:
    """Every partner may give the pools and profiles that its customers use, and the default pool."""
    cursor.execute(GRANTS)


def copy_rows(cursor: CursorWrapper, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Copies rows that all have the keys of the first, which are the columns."""
    columns = list(rows[0])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(f"bailiwick_{table}"), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def reserve_ids(cursor: CursorWrapper, table: str, count: int) -> range:
    """Takes that many ids from the table's sequence, so that rows can refer to each other before they are written."""
    cursor.execute(
        "SELECT setval(name, nextval(name) + %s) FROM pg_get_serial_sequence(%s, 'id') AS name",
        [count - 1, f"bailiwick_{table}"],
    )
    last = cursor.fetchone()[0]
    return range(last - count + 1, last + 1)


def analyze(cursor: CursorWrapper) -> None:
    """Tells the planner what the tables hold now; autovacuum would come a minute later."""
    cursor.execute(sql.SQL("ANALYZE {}").format(FILLED))


def settle(cursor: CursorWrapper) -> None:
    """Marks the new pages as visible to all, so that index-only scans skip the rows. Not in a transaction."""
    cursor.execute(sql.SQL("VACUUM {}").format(FILLED))
