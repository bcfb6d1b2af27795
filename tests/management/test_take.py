"""Exports from the shell: to standard output, to a file, and what a broken reader leaves behind."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from bailiwick.management.act.run import act
from bailiwick.models import Event, Job
from tests.engine.files import read
from tests.world import World

committed = pytest.mark.django_db(transaction=True)
SLUG = "export-all-customers"


@committed
def test_the_file_goes_to_standard_output(world: World, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert act([SLUG, "--separator", ";", "--as", world.olga.email]) == 0
    assert [row[0] for row in read(capfdbinary.readouterr().out, ";")] == ["Customer", "Contoso"]
    event = Event.objects.get(name="EXPORT_CUSTOMERS")
    assert (event.door, event.after) == ("shell", {"rows": 1, "separator": ";", "complete": True})


@committed
def test_the_file_goes_where_it_is_told(world: World, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("old")
    assert act([SLUG, "--output", str(path), "--as", world.olga.email]) == 0
    assert [row[0] for row in read(path.read_bytes())] == ["Customer", "Contoso"]
    assert [file.name for file in tmp_path.iterdir()] == ["customers.csv"]


@committed
def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(world: World, tmp_path: Path) -> None:
    assert act([SLUG, "--output", str(tmp_path / "missing" / "x.csv"), "--as", world.olga.email]) == 2
    assert list(tmp_path.iterdir()) == []


@committed
def test_a_reader_that_has_enough_ends_the_export(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (tmp_path / "unused").open("w") as unused:
        standard = io.TextIOWrapper(os.fdopen(writing, "wb", buffering=0))
        monkeypatch.setattr(sys, "stdout", standard)
        assert act([SLUG, "--as", world.olga.email]) == 1
        monkeypatch.setattr(sys, "stdout", unused)
    assert Event.objects.get(name="EXPORT_CUSTOMERS").after["complete"] is False


@committed
def test_a_wrong_role_gets_no_byte(world: World, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert act([SLUG, "--as", world.carla.email]) == 1
    assert capfdbinary.readouterr().out == b""


def test_json_makes_a_job_as_every_door_does(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert act([SLUG, "--json", "--as", world.olga.email]) == 0
    assert Job.objects.get().result == {"download": "/api/v1/exports/customers.csv", "rows": 1}
