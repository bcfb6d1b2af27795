"""The shell door: the same actions, flags from the same forms, exit codes for scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bailiwick.management.act.run import NO_DATABASE, act
from bailiwick.models import Customer, Job
from tests.world import World

ALERTS = "update-customer-alerts"


def test_without_an_action_it_lists_what_the_actor_may_do(world: World, capsys) -> None:
    assert act(["--as", "sam@operator.example", "--json"]) == 0
    slugs = [entry["slug"] for entry in json.loads(capsys.readouterr().out)]
    assert ALERTS not in slugs
    assert act([]) == 0
    assert ALERTS in capsys.readouterr().out


def test_the_only_superuser_acts_and_two_must_be_told_apart(world: World, capsys) -> None:
    assert act([ALERTS, "--ids", str(world.contoso.pk), "--enabled", "false"]) == 0
    assert Job.objects.get().actor_name == world.olga.email
    world.user("otto@operator.example", "operator", "superuser")
    assert act([ALERTS, "--all", "--enabled", "false"]) == 2
    assert "--as" in capsys.readouterr().err


def test_an_unknown_action_and_an_unknown_flag_are_invalid_input(world: World, capsys) -> None:
    assert act(["grow-customer"]) == 2
    assert "no action grow-customer" in capsys.readouterr().err
    assert act([ALERTS, "--all", "--colour", "red"]) == 2
    assert act([ALERTS, "--all", "--enabled", "perhaps"]) == 2
    assert "--enabled" in capsys.readouterr().err
    assert act([ALERTS, "--ids", "one"]) == 2
    assert act([ALERTS, "--matching", "{", "--enabled", "true"]) == 2
    assert not Job.objects.exists()


def test_a_role_without_the_permission_does_nothing(world: World, capsys) -> None:
    assert act([ALERTS, "--all", "--enabled", "false", "--as", world.sam.email]) == 1
    assert "role" in capsys.readouterr().err
    assert Customer.objects.get(pk=world.contoso.pk).alerts_enabled


def test_help_comes_from_the_docstring_and_the_form(world: World, capsys) -> None:
    assert act([ALERTS, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Switches alerts to the selected customers" in shown
    assert "--enabled {true,false}" in shown


def test_a_preview_changes_nothing_and_says_what_would_happen(world: World, capsys) -> None:
    world.customers(2, alerts_enabled=False)
    assert act([ALERTS, "--all", "--enabled", "false", "--preview", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [shown[name] for name in ("total", "will_change", "already", "refused")] == [3, 1, 2, 0]
    assert act([ALERTS, "--ticket", shown["ticket"], "--enabled", "false", "--preview"]) == 0
    assert "1 of 3 will change." in capsys.readouterr().out
    assert not Job.objects.exists()


def test_exit_code_one_when_every_row_was_refused_and_none_where_it_was_so_before(world: World, capsys) -> None:
    customer = world.customers(1, alerts_enabled=False)[0]
    assert act([ALERTS, "--ids", str(customer.pk), "--enabled", "false"]) == 0
    assert "already" in capsys.readouterr().out
    world.edges(customer, 1)
    assert act(["delete-customer", "--ids", str(customer.pk), "--yes"]) == 1


def test_what_destroys_asks_for_yes_where_nobody_can_be_asked(world: World, capsys) -> None:
    arguments = ["delete-customer", "--search", "Contoso"]
    assert act(arguments) == 2
    assert "--yes" in capsys.readouterr().err
    assert act([*arguments, "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["changed"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_large_job_is_run_in_the_foreground_when_no_worker_is_there(lasting_world: World, capsys) -> None:
    lasting_world.customers(1_200)
    assert act([ALERTS, "--all", "--enabled", "false", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["state"], done["counts"]["changed"]) == ("done", 1_201)
    assert Job.objects.get().door == "shell"


def test_a_refused_row_is_told_with_its_reason_before_anything_is_asked(world: World, capsys) -> None:
    world.edges(world.contoso, 1)
    for more in ([], ["--yes"]):
        assert act(["delete-customer", "--ids", str(world.contoso.pk), *more]) == 1
        assert "Has 1 edge: remove it first." in capsys.readouterr().out
    assert act(["delete-customer", "--ids", str(world.contoso.pk), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["reasons"][0]["code"] == "has_edges"
    assert Customer.objects.filter(deleted_at=None).count() == 1


def test_an_unknown_action_is_said_before_who_acts_is_asked(world: World, capsys) -> None:
    world.user("otto@operator.example", "operator", "superuser")
    assert act(["nope"]) == 2
    assert "no action nope" in capsys.readouterr().err


def test_help_needs_nobody_who_acts(world: World, capsys) -> None:
    world.user("otto@operator.example", "operator", "superuser")
    assert act([ALERTS, "--help"]) == 0
    assert "--enabled {true,false}" in capsys.readouterr().out


def test_without_a_database_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "act", ALERTS, "--all", "--enabled", "true"]
    there = {"BAILIWICK_HOME": str(tmp_path), "DATABASE_URL": f"postgresql:///none?host={tmp_path}"}
    ended = subprocess.run(command, env=os.environ | there, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (2, NO_DATABASE)
