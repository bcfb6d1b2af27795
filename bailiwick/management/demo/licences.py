"""The invented types of edge licences, and who has which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bailiwick.engine.insert import insert
from bailiwick.management.demo.network import logical_id
from bailiwick.models import LicenceType
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from random import Random

    from django.db.backends.utils import CursorWrapper

REGIONS = {"NORTH_AMERICA": "NA", "EMEA": "EMEA", "ASIA_PACIFIC": "APAC"}
SOLD = (
    ("STANDARD", 50, 12),
    ("STANDARD", 100, 36),
    ("ENTERPRISE", 200, 36),
    ("ENTERPRISE", 500, 36),
    ("PREMIUM", 1_000, 60),
)
POC = {"name": "POC 10G", "bandwidth_mbps": 10_000, "edition": "POC", "region": "ALL", "term_months": 60}
# By its own number a customer has one type or two of the same edition; one in forty tries everything.
GIVEN = """
INSERT INTO bailiwick_customerlicence (customer_id, partner_id, licence_type_id)
SELECT c.id, c.partner_id, t.id FROM bailiwick_customer c
JOIN bailiwick_licencetype t ON CASE WHEN c.id % 40 = 7 THEN t.edition = 'POC'
  ELSE t.edition = (ARRAY['STANDARD', 'ENTERPRISE', 'PREMIUM'])[1 + c.id % 3] AND (t.id + c.id) % 4 = 0 END
ORDER BY c.id, t.id;
INSERT INTO bailiwick_partnerlicence (partner_id, licence_type_id)
SELECT DISTINCT partner_id, licence_type_id FROM bailiwick_customerlicence WHERE partner_id IS NOT NULL ORDER BY 1, 2;
UPDATE bailiwick_edge e SET licence_type_id = l.licence_type_id FROM (
  SELECT customer_id, min(licence_type_id) AS licence_type_id FROM bailiwick_customerlicence GROUP BY customer_id
) l WHERE l.customer_id = e.customer_id
"""


def load_licences(cursor: CursorWrapper, chance: Random) -> None:
    """Types, customers' and partners'."""
    rows = [
        {"name": f"{edition.title()} {mbps}M {short} {months} months", "bandwidth_mbps": mbps, "edition": edition,
         "region": region, "term_months": months}
        for edition, mbps, months in SOLD
        for region, short in REGIONS.items()
    ]  # fmt: skip
    insert(
        LicenceType,
        [{**row, "name_key": name_key(str(row["name"])), "logical_id": logical_id(chance)} for row in (*rows, POC)],
    )
    cursor.execute(GIVEN)
