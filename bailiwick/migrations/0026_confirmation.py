"""Who reads mails at a customer's contact address: links that are sent there, with their policies (docs/adr/0020)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import django.db.models.deletion
from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

wall: Any = import_module("bailiwick.migrations.0024_second_wall")


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Each home sees its own; whoever follows a link is nobody yet."""
    editor.execute("ALTER TABLE bailiwick_confirmation ENABLE ROW LEVEL SECURITY", params=None)
    everybody = {"operator": wall._both("operator"), "worker": "", "arrival": ""}
    for who, to in everybody.items():
        wall._allow(editor, "confirmation", who, "true", to=to)
    for level, rule in zip(("partner", "customer"), wall.HOME, strict=True):
        wall._allow(editor, "confirmation", level, f"coalesce({rule}, false)", to=wall._both(level))


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0025_border_in_time"),)
    operations = (
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("partner_id", models.BigIntegerField(null=True)),
                ("email", models.CharField(max_length=254)),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="bailiwick.customer",
                    ),
                ),
            ],
        ),
        migrations.RunPython(build, migrations.RunPython.noop),
    )
