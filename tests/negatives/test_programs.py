"""Nothing that a request or a setting says becomes a program, a module or a path (N-05, N-08).

tests/watch.py watches the whole run: crawls and fuzzing are not repeated here.
"""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

from bailiwick.access.properties import DEFINITIONS
from bailiwick.models import Event, SystemProperty
from tests import watch
from tests.api.client import Script
from tests.watch import SOURCE, Started
from tests.world import World

PLANTED = "import os, pty, subprocess\ndef view(run):\n    return run()\n"
KINDS = {"BOOLEAN", "NUMBER", "STRING"}
NAMES_SOMETHING = ["/bin/sh", "../../etc/passwd", "os.system", "bailiwick.settings", "$(id)", "`id`", "{{ 7*7 }}",
                   "file:///etc/passwd", "|id", "a@example.com;id", "http://127.0.0.1/"]  # fmt: skip


def planted(run):
    """As if a view of ours called it."""
    place: dict = {}
    exec(compile(PLANTED, SOURCE + "web/planted.py", "exec"), place)
    return place["view"](run)


@pytest.mark.parametrize(
    "run",
    [
        lambda: os.system("true"),
        lambda: subprocess.run(["true"], check=False),
        lambda: os.posix_spawn("/bin/true", ["true"], {}),
        lambda: os.execv("/bin/true", ["true"]),
        lambda: pty.spawn(["true"]),
        os.fork,
    ],
)
def test_n05_a_planted_program_is_found(run):
    with pytest.raises(Started):
        planted(run)
    assert len(watch.started) == 1
    watch.started.clear()


def test_n05_who_starts_the_portal_may_start_programs():
    assert subprocess.run(["true"], check=False).returncode == 0
    assert watch.started == []


def test_n05_every_setting_is_a_switch_a_number_or_addresses_and_nothing_else(world: World):
    olga = Script(world.olga)
    texts = [definition.name for definition in DEFINITIONS if definition.kind == "STRING"]
    assert {definition.kind for definition in DEFINITIONS} <= KINDS
    assert texts
    before = Event.objects.count()
    for definition in DEFINITIONS:
        for value in NAMES_SOMETHING:
            answer = olga.ask("PUT", f"/system-properties/{definition.name}", {"value": value})
            assert answer.status_code == 422, (definition.name, value, answer.content)
    assert not SystemProperty.objects.exists()
    assert Event.objects.count() == before
