"""The audit log is sealed: who changes, removes or forges an event is found, with its number (R-38, D10)."""

from __future__ import annotations

import re
import tracemalloc
from datetime import timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.utils import timezone

from bailiwick import audit
from bailiwick.actions import MENU
from bailiwick.engine import properties
from bailiwick.engine.chain import keep, seal
from bailiwick.engine.chain.key import fingerprint, known_keys, signing_key
from bailiwick.engine.chain.leaf import COLUMNS
from bailiwick.engine.chain.memory import remembered
from bailiwick.engine.chain.row import checkpoints_in
from bailiwick.engine.submit import submit
from bailiwick.engine.upkeep import retention
from bailiwick.models import Event, Job, OutboxMessage, Seal
from bailiwick.outbox import text_of
from tests.processes import wait_for
from tests.world import NOW

ALERTS = MENU["update-customer-alerts"]
LEVELS = ("operator", "partner", "customer")
ROLES = ("app", "web", "worker", "arrival", "sealer", "export", *LEVELS, *(f"export_{level}" for level in LEVELS))
CHANGES = (
    "UPDATE {} SET {} = {}",
    "DELETE FROM {}",
    "TRUNCATE {}",
    "ALTER TABLE {} DISABLE TRIGGER ALL",
    "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "DROP TABLE {}",
)
MANY = """
INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, subject, customer_id, after)
SELECT now(), 'X', 'USER', 'INFO', 'olga@operator.example', 'web', '', 'event ' || n, 1, '{{"a": 1}}'
FROM generate_series(1, {}) n
"""


def write(number: int = 1) -> None:
    execute(MANY.format(number))


def execute(statement: str, *values: object) -> None:
    """As the owner of the tables, whom no grant holds back: the superuser of the tests below."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def execute_as(role: str, statement: str) -> None:
    with transaction.atomic():
        execute(f"SET LOCAL ROLE bailiwick_{role}")
        execute(statement)


def use_up_numbers() -> None:
    """As any work does that is taken back."""
    with transaction.atomic():
        write(3)
        transaction.set_rollback(True)


def sealed(now=NOW):
    return seal.seal(now, leaving=lambda: False)


def verdict(*arguments: str) -> tuple[int, str]:
    said = StringIO()
    try:
        call_command("audit", "verify", *arguments, stdout=said)
    except SystemExit as ended:
        return ended.code, said.getvalue()
    return 0, said.getvalue()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings, monkeypatch) -> Path:
    """A state folder that knows no seal of another test; a worker's too."""
    settings.HOME = tmp_path / "var"
    settings.HOME.mkdir()
    monkeypatch.setenv("BAILIWICK_HOME", str(settings.HOME))
    return settings.HOME


@pytest.fixture
def chain(db: None) -> list[int]:
    """Ten events in two seals."""
    write(5)
    sealed()
    write(5)
    sealed(NOW + timedelta(seconds=5))
    assert verdict() == (0, "10 events in 2 seals hold.\n")
    return list(Event.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("role", ROLES)
def test_r38_no_role_changes_or_removes_events_or_seals(chain, role):
    for table, column in (("bailiwick_event", "name"), ("bailiwick_seal", "key")):
        for statement in CHANGES:
            with pytest.raises(Error, match=r"permission denied|must be owner"):
                execute_as(role, statement.format(table, column, column))
    assert verdict()[0] == 0


@pytest.mark.parametrize("role", sorted({*ROLES} - {"sealer"}))
def test_only_the_sealer_adds_seals(chain, role):
    with pytest.raises(Error, match="permission denied"):
        execute_as(role, "INSERT INTO bailiwick_seal SELECT * FROM bailiwick_seal")


def test_the_sealer_reads_events_and_nothing_else(chain):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'bailiwick_sealer' ORDER BY 1, 2"
        )
        assert cursor.fetchall() == [
            ("bailiwick_event", "SELECT"), ("bailiwick_seal", "INSERT"), ("bailiwick_seal", "SELECT"),
        ]  # fmt: skip


CHANGED = {
    "id": "id + 1000000",
    "at": "at + interval '1 microsecond'",
    "before": "'null'",
    "after": """'{"a": 1.0}'""",
    **dict.fromkeys(("actor_id", "job_id", "partner_id", "customer_id"), "7"),
    **dict.fromkeys(("name", "category", "severity", "actor_name", "door", "address", "subject"), "'x'"),
}


def test_every_column_of_an_event_is_sealed():
    columns = {field.column for field in Event._meta.concrete_fields}
    assert columns == {re.match(r"\w+", column)[0] for column in COLUMNS} == CHANGED.keys()


@pytest.mark.parametrize("column", CHANGED)
def test_r38_one_byte_changed_is_named(chain, column):
    execute(f"UPDATE bailiwick_event SET {column} = {CHANGED[column]} WHERE id = %s", chain[6])
    code, said = verdict()
    assert (code, said.split()[:2]) == (1, ["Event", str(chain[6])])
    assert "seal 2 of 20" in said


def test_r38_an_event_taken_out_of_the_middle_is_named(chain):
    execute("DELETE FROM bailiwick_event WHERE id = %s", chain[3])
    assert verdict() == (1, f"Event {chain[3]} is gone: seal 1 of {NOW.isoformat(sep=' ')} covers it.\n")


def test_r38_the_last_hundred_taken_off_is_named_by_a_checkpoint_kept_elsewhere(db, tmp_path):
    write(200)
    sealed()
    write(100)
    point = sealed()
    execute("DELETE FROM bailiwick_event WHERE id > (SELECT max(id) - 100 FROM bailiwick_event)")
    code, said = verdict()
    assert (code, said[:6]) == (1, "Event ")
    execute("DELETE FROM bailiwick_seal WHERE number = 2")
    assert verdict()[0] == 0, "Whoever takes the seals off too is seen only from outside."
    kept = tmp_path / "kept.txt"
    kept.write_text(f"Nov 22 worker[7]: {point}\n")
    for given in (str(kept), str(point)):
        code, said = verdict("--checkpoint", given)
        assert code == 1
        assert "300 events: the last 100 sealed events are lost" in said
    write(100)
    sealed()
    assert "Seal 2 of" in verdict("--checkpoint", str(kept))[1], "nor is it healed by new ones"


def test_the_workers_own_log_is_a_checkpoint_too(chain, home):
    call_command("audit", "checkpoint", stdout=(point := StringIO()))
    (home / "log").mkdir()
    with (home / "log" / "worker.log").open("w") as log:
        log.write(f"worker 7 is ready\n{point.getvalue()}")
    assert verdict()[0] == 0
    with (home / "log" / "worker.log").open("a") as log:
        log.write(point.getvalue().replace("seal=2", "seal=9"))
    assert verdict()[0] == 0, "What nobody signed, somebody had written there."
    execute("DELETE FROM bailiwick_event WHERE id > %s", chain[4])
    execute("DELETE FROM bailiwick_seal WHERE number = 2")
    assert "the last 5 sealed events are lost" in verdict()[1]


@pytest.mark.parametrize("above", [0, 1])
def test_who_takes_seals_off_and_waits_for_new_ones_is_found_by_what_the_host_remembers(db, caplog, above):
    for _number in range(3):
        write(2)
        keep.keep_sealed(NOW, leaving=lambda: False)
    assert verdict()[0] == 0
    execute("DELETE FROM bailiwick_seal WHERE number > %s", above)
    execute("UPDATE bailiwick_event SET actor_name = 'nobody' WHERE id = (SELECT max(id) FROM bailiwick_event)")
    for _number in range(4):
        write(2)
        keep.keep_sealed(NOW, leaving=lambda: False)
    assert "Seal 3 is not in the database any more as it was sealed." in caplog.text
    code, said = verdict()
    assert code == 1
    assert re.fullmatch(r"Seal 3 of .* is not the one of the checkpoint that was kept: .*\n", said)


@pytest.mark.parametrize("which", ["between", "before"])
def test_r38_a_forged_event_is_named(db, which):
    use_up_numbers()
    write(2)
    sealed()
    (first,) = Event.objects.order_by("pk").values_list("pk", flat=True)[:1]
    forged = first - 1 if which == "between" else -5
    execute(MANY.format(1).replace("(at,", "(id, at,").replace("SELECT", f"SELECT {forged},", 1))
    code, said = verdict()
    assert code == 1
    assert re.fullmatch(rf"Event {forged} of .* \(X\) was put in afterwards: no seal covers it.\n", said)
    write(1)
    sealed()
    assert verdict()[1] == said, "nor does a later seal take it in"


@pytest.mark.parametrize("column", ["sealed_at", "ids", "awaited", "removed", "upto", "total", "leaves", "hash", "key"])
def test_a_changed_seal_is_named(chain, column):
    changed = {
        "sealed_at": "sealed_at + interval '1 day'", "leaves": "leaves || leaves", "hash": "sha256('x')", "key": "'x'",
        **dict.fromkeys(("upto", "total"), "1"), **dict.fromkeys(("ids", "awaited", "removed"), "'{[7,8)}'"),
    }  # fmt: skip
    execute(f"UPDATE bailiwick_seal SET {column} = {changed[column]} WHERE number = 1")
    code, said = verdict()
    assert (code, said[:10]) == (1, "Seal 1 of ")


def test_a_seal_taken_out_is_named(chain):
    execute("DELETE FROM bailiwick_seal WHERE number = 1")
    assert verdict()[1].startswith("Seal 1 is missing: Seal 2 of")


def test_a_chain_written_anew_with_another_key_is_named(chain, tmp_path, settings):
    known = tmp_path / "known"
    known.write_bytes((settings.HOME / "seal.known").read_bytes())
    execute("DELETE FROM bailiwick_seal")
    execute("UPDATE bailiwick_event SET actor_name = 'nobody' WHERE id = %s", chain[0])
    settings.HOME = tmp_path / "elsewhere"
    sealed()
    assert verdict()[0] == 0
    assert "is not signed by a key that is known here" in verdict("--keys", str(known))[1]


def test_a_checkpoint_that_nobody_signed_proves_nothing(chain):
    said = StringIO()
    call_command("audit", "checkpoint", stdout=said)
    (point,) = checkpoints_in(said.getvalue())
    assert verdict("--checkpoint", str(point))[0] == 0
    code, said = verdict("--checkpoint", str(point).replace("events=10", "events=11"))
    assert (code, said) == (1, "The checkpoint of seal 2 is not signed by a key that is known here.\n")
    with pytest.raises(CommandError, match="There is no checkpoint in"):
        verdict("--checkpoint", "nothing")


def numbers_sealed() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT generate_series(lower(r), upper(r) - 1) FROM bailiwick_seal, unnest(ids) r ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def ids() -> list[int]:
    return list(Event.objects.order_by("pk").values_list("pk", flat=True))


def test_who_commits_later_with_a_lower_number_is_sealed_once(transactional_db, monkeypatch):
    monkeypatch.setattr(seal, "LONGEST_WAIT", 0.1)
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute(MANY.format(3).replace("{{", "{").replace("}}", "}"))
        write(2)
        assert sealed() is not None, "Who has committed does not wait for who has not."
        assert len(numbers_sealed()) == 2
        assert sealed() is None
        slow.commit()
        late = min(ids())
        assert late < min(numbers_sealed())
        write(1)
        sealed()
    assert numbers_sealed() == ids()
    assert len(ids()) == 6
    assert verdict()[1] == "6 events in 2 seals hold.\n"


def test_a_number_that_nobody_commits_is_waited_for_no_longer_than_its_writer_lives(transactional_db, monkeypatch):
    monkeypatch.setattr(seal, "LONGEST_WAIT", 0.1)
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute(MANY.format(3).replace("{{", "{").replace("}}", "}"))
        write(2)
        sealed()
        assert Seal.objects.values_list("awaited", flat=True).get()
        assert sealed() is None
        slow.rollback()
    sealed()
    assert str(Seal.objects.order_by("-pk").values_list("awaited", flat=True)[0]) in ("{}", "[]")
    assert numbers_sealed() == ids()


def test_many_writers_at_once_lose_nothing(transactional_db, monkeypatch):
    """Eight connections, each commits or takes back in its own order, while seals are made all the time."""
    monkeypatch.setattr(seal, "LONGEST_WAIT", 0.05)
    writers = [psycopg.connect(**connection.get_connection_params()) for _number in range(8)]
    statement = MANY.format(3).replace("{{", "{").replace("}}", "}")
    for turn in range(40):
        writers[turn % 8].execute(statement)
        done = writers[(turn * 5 + 3) % 8]
        done.rollback() if turn % 7 == 0 else done.commit()
        sealed()
    for writer in writers:
        writer.commit()
        writer.close()
    sealed()
    assert numbers_sealed() == ids()
    assert len(ids()) > 60
    assert verdict()[0] == 0


def test_much_at_once_is_sealed_in_pieces(db, monkeypatch):
    monkeypatch.setattr(seal, "PIECE", 10)
    write(95)
    point = sealed()
    assert (point.number, point.events) == (10, 95)
    assert numbers_sealed() == ids()
    write(10)
    sealed()
    assert verdict()[1] == "105 events in 11 seals hold.\n"


@pytest.mark.slow
def test_100_000_events_are_sealed_and_verified_in_constant_memory(db):
    write(100_000)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + seal.TAKE, {"awaited": "{}", "upto": 90_000, "decided": 0, "piece": 10_000})
        assert "Seq Scan on bailiwick_event" not in (plan := str(cursor.fetchall()))
        assert "Join Filter" not in plan, "Of late events it reads the whole table."
    tracemalloc.start()
    sealed()
    assert verdict()[1] == "100000 events in 11 seals hold.\n"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20, f"{peak:,} bytes"


def test_old_events_go_and_the_chain_holds(db):
    write(4)
    Event.objects.filter(pk__in=ids()[1:3]).update(at=NOW - timedelta(weeks=60))
    Event.objects.exclude(pk__in=ids()[1:3]).update(at=NOW)
    sealed()
    assert retention.remove_old(NOW, leaving=lambda: False) == 2
    sealed()
    code, said = verdict()
    assert (code, said) == (0, "3 events in 3 seals hold.\n"), "two of the first, and that old ones were removed"
    execute("DELETE FROM bailiwick_event WHERE id = %s", ids()[0])
    assert verdict()[0] == 1, "What was not removed by its time is missed all the same."


def test_retention_is_no_way_to_lose_an_event(chain, caplog):
    """Somebody dates an event back, so that it is removed as if it had had its time."""
    execute("UPDATE bailiwick_event SET at = '2020-01-01' WHERE id = %s", chain[2])
    assert retention.remove_old(timezone.now(), leaving=lambda: False) == 0
    assert f"old events are kept: Event {chain[2]} of 2020" in caplog.text
    assert verdict()[1].startswith(f"Event {chain[2]} of 2020-01-01")


def test_the_key_is_made_once_and_read_by_its_owner_only(home):
    key = signing_key(home)
    assert signing_key(home).private_bytes_raw() == key.private_bytes_raw()
    assert (home / "seal.key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in home.iterdir()} == {"seal.key", "seal.known"}
    (home / "seal.key").unlink()
    second = signing_key(home)
    both = {fingerprint(one.public_key()) for one in (key, second)}
    assert set(known_keys(home / "seal.known")) == both
    assert fingerprint(Ed25519PrivateKey.generate().public_key()) not in both


def test_no_secret_of_the_key_is_in_the_database(chain):
    raw = signing_key(settings.HOME).private_bytes_raw()
    assert all(raw not in bytes(row.leaves) + bytes(row.signature) + bytes(row.hash) for row in Seal.objects.all())


def test_a_checkpoint_is_mailed_once_a_day_to_whom_a_property_names(world):
    assert keep.keep_sealed(NOW, leaving=lambda: False) >= 0
    letters = OutboxMessage.objects.filter(key__startswith="checkpoint:")
    assert not letters.exists()
    told = "one@audit.example, two@audit.example"
    properties.update(world.actor(world.olga), "audit.checkpoint.mail.to", told, version=0, now=NOW)
    for hours in (0, 1, 2, 24):
        audit.record(world.actor(world.olga), "X", subject="x", at=NOW)
        assert keep.keep_sealed(NOW.replace(hour=1) + timedelta(hours=hours), leaving=lambda: False)
    assert sorted(letters.values_list("payload__to", flat=True)) == sorted(told.split(", ") * 2)
    (point,) = checkpoints_in(text_of(letters.order_by("-key")[0].payload))
    assert verdict("--checkpoint", str(point))[0] == 0


def test_nothing_new_makes_no_seal(chain):
    assert sealed() is None
    assert keep.keep_sealed(NOW, leaving=lambda: False) == 0
    assert Seal.objects.count() == 2


def test_r38_a_worker_seals_within_ten_seconds_of_the_commit_and_says_the_checkpoint(lasting_world, home, workers):
    worker = workers()
    audit.record(lasting_world.actor(lasting_world.olga), "X", subject="first", at=NOW)
    wait_for(Seal.objects.exists)
    lasting_world.customers(2_000)
    actor = lasting_world.actor(lasting_world.olga)
    job = submit(actor, ALERTS, select={"matching": {}}, raw={"enabled": "false"}, now=NOW)
    wait_for(lambda: Job.objects.get(pk=job.pk).is_over)
    assert wait_for(lambda: numbers_sealed() == ids()) < 10
    wait_for(lambda: [point.events for point in remembered(home)] == [Event.objects.count()])
    points = list(checkpoints_in(worker.end()))
    assert points[-1].events == Event.objects.count() > 2_000
    assert verdict("--checkpoint", str(points[-1]))[0] == 0
    assert {path.name for path in home.iterdir()} >= {"seal.key", "seal.known"}
