"""Importing from the shell: the file is a flag."""

from __future__ import annotations

import json
from pathlib import Path

from bailiwick.management.act.run import act
from bailiwick.models import Customer, Job
from tests.world import World

SP500 = Path(__file__).parents[1] / "data" / "sp500.csv"
MAPPING = json.dumps({"name": "Security", "account_number": "CIK", "location": "Headquarters Location"})


def test_a_file_on_disk_becomes_customers(world: World, capsys) -> None:
    flags = ["import-customers", "--file", str(SP500), "--mapping", MAPPING]
    assert act([*flags, "--mode", "strict"]) == 2
    assert "account_number" in capsys.readouterr().err
    assert act([*flags, "--mode", "skip", "--preview"]) == 0
    assert not Job.objects.exists()
    assert act([*flags, "--mode", "skip"]) == 0
    assert Customer.objects.count() == 501


def test_a_file_that_is_not_there_is_told(world: World, capsys) -> None:
    assert act(["import-customers", "--file", "/nowhere.csv", "--mode", "skip"]) == 2
    assert "/nowhere.csv" in capsys.readouterr().err
