"""A customer's users see the one partner that theirs has: they may know its name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations

wall: Any = import_module("bailiwick.migrations.0024_second_wall")

# To read only, and of a place that says whose it is; a direct customer's says no partner, and sees none.
POLICY = f"""
CREATE POLICY of_customer ON bailiwick_partner FOR SELECT TO bailiwick_customer, bailiwick_export_customer
USING (coalesce(id = {wall.PARTNER}, false))
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0033_list_order_by_change"),)
    operations = (migrations.RunSQL(POLICY, "DROP POLICY of_customer ON bailiwick_partner"),)
