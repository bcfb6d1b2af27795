"""The list in the order of the last change: kept beside the customer, followed by the worker (docs/adr/0024)."""

from django.db import migrations, models
from django.db.models.functions import Now

NOTHING = migrations.RunSQL.noop
AS_IT_IS = """
UPDATE bailiwick_customerstat s SET modified_at = c.updated_at FROM bailiwick_customer c WHERE c.id = s.customer_id;
UPDATE bailiwick_job SET is_listed = true WHERE state NOT IN ('queued', 'running');
"""


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0032_withdrew_partner"),)
    operations = (
        migrations.AddField(
            "customerstat",
            "modified_at",
            models.DateTimeField(db_default=Now(), help_text="of its last job that the list's order knows"),
        ),
        migrations.AddField(
            "job",
            "is_listed",
            models.BooleanField(db_default=False, default=False, help_text="its changes stand in the list's order"),
        ),
        migrations.RunSQL(AS_IT_IS, NOTHING),
        migrations.AddIndex("customerstat", models.Index(fields=("modified_at", "customer"), name="stat_by_modified")),
        migrations.AddIndex(
            "job",
            models.Index(
                fields=("id",),
                condition=models.Q(is_listed=False, selection__isnull=False),
                name="job_unlisted",
            ),
        ),
    )
