"""The licence of an edge: a type that its customer has, which a key of two columns says (domain 14.4)."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# Both go together with their customer, in any order: that is asked when all is done.
HELD = """
ALTER TABLE bailiwick_edge ADD CONSTRAINT edge_licence_held FOREIGN KEY (customer_id, licence_type_id)
  REFERENCES bailiwick_customerlicence (customer_id, licence_type_id) DEFERRABLE INITIALLY DEFERRED
"""
HELD_NO_MORE = "ALTER TABLE bailiwick_edge DROP CONSTRAINT edge_licence_held"


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0055_edge_configuration_goes_along"),)
    operations = (
        migrations.AddField(
            "edge",
            "licence_type",
            models.ForeignKey(
                db_index=False,
                help_text="its customer has it",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="edges",
                to="bailiwick.licencetype",
            ),
        ),
        migrations.AddIndex("edge", models.Index(fields=["licence_type", "customer"], name="edge_licence")),
        migrations.RunSQL(HELD, HELD_NO_MORE),
    )
