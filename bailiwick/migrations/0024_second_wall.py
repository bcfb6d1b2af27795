"""The second wall: which rows PostgreSQL shows to whom, whatever a query forgets to filter (docs/adr/0020)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

runtime: Any = import_module("bailiwick.migrations.0004_runtime_role")

LEVELS = ("operator", "partner", "customer")
EXPORTS = tuple(f"bailiwick_export_{level}" for level in LEVELS)
# What each role may do is inherited from these; policies name the others, so who has no level sees no row.
MEMBERS = {
    "bailiwick_app": (
        "bailiwick_web",
        "bailiwick_worker",
        "bailiwick_arrival",
        *(f"bailiwick_{level}" for level in LEVELS),
    ),
    "bailiwick_export": EXPORTS,
}
ROLES = (*MEMBERS["bailiwick_app"], *MEMBERS, *EXPORTS)

# Wrapped in a sub-select PostgreSQL looks it up once a statement; bare, once a row (spec/stack.md: 107 ms against 54).
MINE = "(SELECT nullif(current_setting('bailiwick.{0}', true), '')::bigint)"
PARTNER, CUSTOMER, USER = (MINE.format(name) for name in ("partner", "customer", "user"))
HOME = (f"partner_id = {PARTNER}", f"customer_id = {CUSTOMER}")
KEPT = (f"home_partner_id = {PARTNER}", f"home_customer_id = {CUSTOMER}")
OWN = (f"user_id = {USER}", f"user_id = {USER}")
STOCK = f"partner_id IS NULL OR partner_id = {PARTNER}"
# By table: what a partner's users see, and what a customer's do; nothing where nothing stands. Operators see all.
WALLED: dict[str, tuple[str | None, str | None]] = {
    "customer": (f"partner_id = {PARTNER}", f"id = {CUSTOMER}"),
    **dict.fromkeys(("customerdetail", "customerstat", "customersearch", "edge", "event", "job", "role", "user"), HOME),
    **dict.fromkeys(("browser", "device", "formerpassword", "factor", "recoverycode", "identity"), HOME),
    **dict.fromkeys(("identityprovider", "token", "link"), HOME),
    **dict.fromkeys(("jobinput", "jobchunk", "jobrefusal", "outboxmessage"), KEPT),
    **dict.fromkeys(("selection", "selectionchunk", "upload", "savedview", "session"), OWN),
    "partner": (f"id = {PARTNER}", None),
    **dict.fromkeys(("partnerpool", "partnerprofile", "transferoffer"), (f"partner_id = {PARTNER}", None)),
    "gatewaypool": (STOCK, STOCK),
    "selftest": (None, None),
}
# Who comes in is found before it is known who he is: what lets people in may be written then, and homes looked at.
ARRIVAL = dict.fromkeys(
    (
        "user", "role", "token", "link", "session", "browser", "device", "formerpassword", "factor", "recoverycode",
        "identity", "identityprovider", "event", "outboxmessage",
    ),
    "ALL",
) | dict.fromkeys(("partner", "customer", "customerdetail"), "SELECT")  # fmt: skip

EXPORT_GRANTS = """
GRANT USAGE ON SCHEMA public TO bailiwick_export;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO bailiwick_export;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bailiwick_export;
"""
# What belongs to a job or a ticket says itself whose it is: the database writes it down from who acts.
KEPT_COLUMNS = (
    "".join(
        f"ALTER TABLE bailiwick_{table} ADD COLUMN home_{side}_id bigint;"
        f"ALTER TABLE bailiwick_{table} ALTER COLUMN home_{side}_id"
        f" SET DEFAULT nullif(current_setting('bailiwick.{side}', true), '')::bigint;"
        for table in ("jobinput", "jobchunk", "jobrefusal", "outboxmessage")
        for side in ("partner", "customer")
    )
    + """
ALTER TABLE bailiwick_selectionchunk ADD COLUMN user_id bigint;
ALTER TABLE bailiwick_selectionchunk
  ALTER COLUMN user_id SET DEFAULT nullif(current_setting('bailiwick.user', true), '')::bigint;
"""
)
KEPT_BEFORE = (
    "".join(
        f"UPDATE bailiwick_{table} k SET home_partner_id = j.partner_id, home_customer_id = j.customer_id"
        " FROM bailiwick_job j WHERE j.id = k.job_id AND (j.partner_id IS NOT NULL OR j.customer_id IS NOT NULL);"
        for table in ("jobinput", "jobchunk", "jobrefusal")
    )
    + """
UPDATE bailiwick_outboxmessage m SET home_partner_id = j.partner_id, home_customer_id = j.customer_id
FROM bailiwick_job j WHERE m.key LIKE 'job:%' AND j.id::text = split_part(m.key, ':', 2);
UPDATE bailiwick_selectionchunk c SET user_id = s.user_id FROM bailiwick_selection s WHERE s.id = c.selection_id;
UPDATE bailiwick_token t SET partner_id = u.partner_id, customer_id = u.customer_id
FROM bailiwick_user u WHERE u.id = t.user_id;
UPDATE bailiwick_link l SET partner_id = u.partner_id, customer_id = u.customer_id
FROM bailiwick_user u WHERE u.id = l.user_id;
"""
)
KEPT_NO_MORE = (
    "".join(
        f"ALTER TABLE bailiwick_{table} DROP COLUMN home_partner_id, DROP COLUMN home_customer_id;"
        for table in ("jobinput", "jobchunk", "jobrefusal", "outboxmessage")
    )
    + "ALTER TABLE bailiwick_selectionchunk DROP COLUMN user_id;"
)

# They see past the wall, as their owner does, and tell no more than they were asked.
LOOKS = """
CREATE FUNCTION bailiwick_arrival(key text, moment timestamptz)
RETURNS TABLE (session_data text, properties jsonb, person bailiwick_user)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN QUERY SELECT s.session_data, (SELECT jsonb_object_agg(p.name, p.value) FROM bailiwick_systemproperty p), u
  FROM bailiwick_session s
  LEFT JOIN (bailiwick_user u LEFT JOIN bailiwick_customer c ON c.id = u.customer_id)
    ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL AND c.deleted_at IS NULL
  WHERE s.session_key = key AND s.expire_date > moment;
END $$;

CREATE FUNCTION bailiwick_is_taken(what text, key text, but bigint DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN CASE what
    WHEN 'name_key' THEN EXISTS (
      SELECT FROM bailiwick_customer c WHERE c.deleted_at IS NULL AND c.name_key = key AND c.id IS DISTINCT FROM but)
    WHEN 'account_key' THEN EXISTS (
      SELECT FROM bailiwick_customer c WHERE c.deleted_at IS NULL AND c.account_key = key AND c.id IS DISTINCT FROM but)
    WHEN 'domain_key' THEN EXISTS (
      SELECT FROM bailiwick_customer c
      WHERE c.deleted_at IS NULL AND c.domain_key <> '' AND c.domain_key = key AND c.id IS DISTINCT FROM but)
    WHEN 'email_key' THEN EXISTS (
      SELECT FROM bailiwick_user u WHERE u.deleted_at IS NULL AND u.email_key = key AND u.id IS DISTINCT FROM but)
  END;
END $$;

REVOKE EXECUTE ON FUNCTION bailiwick_arrival(text, timestamptz), bailiwick_is_taken(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bailiwick_arrival(text, timestamptz), bailiwick_is_taken(text, text, bigint) TO bailiwick_app;
"""
LOOK_NO_MORE = (
    "DROP FUNCTION bailiwick_arrival(text, timestamptz); DROP FUNCTION bailiwick_is_taken(text, text, bigint)"
)


def make_roles(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Makes what is missing; a server whose administrator made the roles needs none of it (deploy/postgres.md)."""
    for role in ROLES:
        runtime.until_nobody_else_does(editor, runtime.create(role))
        runtime.until_nobody_else_does(editor, runtime.join(role))
    for parent, members in MEMBERS.items():
        for member in members:
            runtime.until_nobody_else_does(editor, runtime.join(parent, f"'{member}'"))
    editor.execute(EXPORT_GRANTS, params=None)


def forget_roles(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Roles belong to the server, and other databases may use them: only what they may do here goes."""
    editor.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM bailiwick_export", params=None)
    editor.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bailiwick_export", params=None)
    editor.execute("REVOKE USAGE ON SCHEMA public FROM bailiwick_export", params=None)


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """One policy a table and reader; the operators' is plainly true, so that their plans stay as they were."""
    for table, (partner, customer) in WALLED.items():
        editor.execute(f"ALTER TABLE bailiwick_{table} ENABLE ROW LEVEL SECURITY", params=None)
        _allow(editor, table, "operator", "true", to=_both("operator"))
        for level, rule in (("partner", partner), ("customer", customer)):
            if rule:
                # Of a bare comparison with a value that it does not know yet the planner thinks that it keeps few rows,
                # besides the application's own filter, and reads whole tables; of this it thinks nothing.
                _allow(editor, table, level, f"coalesce({rule}, false)", to=_both(level))
        _allow(editor, table, "worker", "true")
        if table in ARRIVAL:
            _allow(editor, table, "arrival", "true", what=ARRIVAL[table])


def _both(level: str) -> str:
    return f"bailiwick_{level}, bailiwick_export_{level}"


def _allow(
    editor: BaseDatabaseSchemaEditor, table: str, who: str, rule: str, *, what: str = "ALL", to: str = ""
) -> None:
    policy = f"CREATE POLICY of_{who} ON bailiwick_{table} FOR {what} TO {to or f'bailiwick_{who}'} USING ({rule})"
    editor.execute(policy, params=None)


def tear_down(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for table in WALLED:
        editor.execute(f"ALTER TABLE bailiwick_{table} DISABLE ROW LEVEL SECURITY", params=None)
        for who in (*LEVELS, "worker", "arrival"):
            editor.execute(f"DROP POLICY IF EXISTS of_{who} ON bailiwick_{table}", params=None)


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0023_self_test"),)
    operations = (
        *(
            migrations.AddField(model_name=model, name=f"{side}_id", field=models.BigIntegerField(null=True))
            for model in ("token", "link")
            for side in ("partner", "customer")
        ),
        migrations.RunSQL(KEPT_COLUMNS, KEPT_NO_MORE),
        migrations.RunSQL(KEPT_BEFORE, migrations.RunSQL.noop),
        migrations.RunPython(make_roles, forget_roles),
        migrations.RunSQL(LOOKS, LOOK_NO_MORE),
        migrations.RunPython(build, tear_down),
    )
