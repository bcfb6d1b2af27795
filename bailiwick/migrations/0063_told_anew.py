"""Whoever keeps what an edge is told hears when it is told something else, in the moment of the commit (ADR 33).

`UPDATE OF` names the columns that a heartbeat's answer is made of: states, counters and all else of an edge notify
nobody. What is of one customer names it; what many customers share, and what goes in crowds, names nobody: ask all anew.
"""

from __future__ import annotations

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION bailiwick_told_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('bailiwick_told', (CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END).customer_id::text);
  RETURN NULL;
END $$;
CREATE FUNCTION bailiwick_told_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('bailiwick_told', '');
  RETURN NULL;
END $$;
"""
ONE = (
    (
        "edge",
        "UPDATE OF activation_state, operator_profile_id, ordered_image_id, logical_id",
        "OLD.* IS DISTINCT FROM NEW.*",
    ),
    ("devicecertificate", "UPDATE OF revoked_at, not_after", "OLD.* IS DISTINCT FROM NEW.*"),
    ("configurationobject", "UPDATE OF parent_id, reach, edge_id", "OLD.* IS DISTINCT FROM NEW.*"),
    ("configurationobject", "INSERT", "NEW.edge_id IS NOT NULL"),
    ("configurationobject", "DELETE", "OLD.edge_id IS NOT NULL"),
)
ALL = (
    ("edge", "DELETE"),
    ("devicecertificate", "DELETE"),
    ("customer", "UPDATE OF operator_profile_id, gateway_pool_id, deleted_at"),
    ("operatorprofile", "UPDATE"),
    ("softwareimage", "UPDATE"),
    ("gateway", "DELETE OR UPDATE OF logical_id, name, address, state"),
    ("gateway_pools", "INSERT OR UPDATE OR DELETE"),
)


def _name(table: str, when: str) -> str:
    return f"{table}_told_{when.split(maxsplit=1)[0].lower()}"


MAKE = FUNCTIONS + "".join(
    [
        f"CREATE TRIGGER {_name(table, when)} AFTER {when} ON bailiwick_{table}"
        f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION bailiwick_told_one();\n"
        for table, when, condition in ONE
    ]
    + [
        f"CREATE TRIGGER {_name(table, when)} AFTER {when} ON bailiwick_{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION bailiwick_told_all();\n"
        for table, when in ALL
    ]
)
UNMAKE = "".join(
    f"DROP TRIGGER {_name(table, when)} ON bailiwick_{table};\n" for table, when, *_condition in (*ONE, *ALL)
)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0062_edge_version"),)
    operations = (
        migrations.RunSQL(MAKE, f"{UNMAKE} DROP FUNCTION bailiwick_told_one(); DROP FUNCTION bailiwick_told_all();"),
    )
