"""The role under which the portal runs: it may add events, and neither change nor remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import migrations, transaction
from django.db.utils import IntegrityError, InternalError, OperationalError, ProgrammingError

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLE = "bailiwick_app"
ATTEMPTS = 20
ADVICE = (
    "This database user may not make roles. Let the server's administrator run "
    f"CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO <this user>; make the other roles "
    "that deploy/postgres.md lists, and start again (docs/adr/0007, 0020)."
)

# Roles belong to the whole server: databases that are set up at the same time meet here, so each statement may come too late.


def create(role: str) -> str:
    """The statement that makes the role where there is none."""
    return f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""


def join(role: str, member: str = "current_user") -> str:
    """The statement that makes somebody a member who is none yet; `member` is SQL."""
    return f"""
DO $$ BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
    WHERE r.rolname = '{role}' AND u.rolname = {member}
      AND (current_setting('server_version_num')::int < 160000 OR (to_jsonb(m) ->> 'set_option')::boolean)
  ) THEN EXECUTE format('GRANT {role} TO %I', {member}); END IF;
END $$;
"""


GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLE};
REVOKE UPDATE, DELETE, TRUNCATE ON bailiwick_event FROM {ROLE};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {ROLE};
"""
REVOKE = f"""
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {ROLE};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {ROLE};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {ROLE};
REVOKE USAGE ON SCHEMA public FROM {ROLE};
"""


def make_role(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Makes the role, lets the owner step into it, and says what it may do."""
    for statement in (create(ROLE), join(ROLE)):
        until_nobody_else_does(editor, statement)
    editor.execute(GRANTS, params=None)


def until_nobody_else_does(editor: BaseDatabaseSchemaEditor, statement: str) -> None:
    """Two servers' worth of set-up at once: PostgreSQL answers `tuple concurrently updated`, and the next try finds it done."""
    for left in reversed(range(ATTEMPTS)):
        try:
            with transaction.atomic(using=editor.connection.alias):
                editor.execute(statement, params=None)
        except ProgrammingError as error:
            raise RuntimeError(ADVICE) from error
        except (InternalError, IntegrityError, OperationalError):
            if not left:
                raise
        else:
            return


class Migration(migrations.Migration):
    dependencies = (("bailiwick", "0003_names"),)
    operations = (migrations.RunPython(make_role, lambda _apps, editor: editor.execute(REVOKE, params=None)),)
