"""The ids of a ticket are stored as they are: packing them took as long as finding them, and saved a third for a day."""

from __future__ import annotations

from django.db import migrations

PLAIN = "ALTER TABLE bailiwick_selectionchunk ALTER COLUMN customer_ids SET STORAGE EXTERNAL"
PACKED = "ALTER TABLE bailiwick_selectionchunk ALTER COLUMN customer_ids SET STORAGE EXTENDED"


class Migration(migrations.Migration):
    """How one column lies on disk."""

    dependencies = (("bailiwick", "0018_factors_go_along"),)
    operations = (migrations.RunSQL(PLAIN, PACKED),)
