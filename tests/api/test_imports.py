"""Importing over REST: one multipart request from file to customers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from bailiwick.engine.intake import upload
from bailiwick.models import Customer, Upload
from tests.api.client import Script
from tests.world import World

SP500 = Path(__file__).parents[1] / "data" / "sp500.csv"
MAPPING = json.dumps({"name": "Security", "account_number": "CIK", "location": "Headquarters Location"})


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def send(
    script: Script,
    content: bytes,
    path: str = "/actions/import-customers",
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> HttpResponse:
    file = SimpleUploadedFile("file.csv", content)
    return script.client.post(
        f"/api/v1{path}",
        {"file": file, **fields},
        headers={"Authorization": f"Token {script.token}", **(headers or {})},
    )


def test_a_file_with_mapping_and_mode_becomes_customers(world: World, olga: Script) -> None:
    answer = send(olga, SP500.read_bytes(), mapping=MAPPING, mode="skip")
    assert answer.status_code == 200, answer.content
    assert answer.json()["counts"] == {"changed": 500, "already": 0, "refused": 3, "failed": 0, "pending": 0}
    assert Customer.objects.filter(name="3M", detail__city="Saint Paul").exists()


def test_strict_answers_every_error_with_its_line_and_makes_nothing(world: World, olga: Script) -> None:
    answer = send(olga, SP500.read_bytes(), mapping=MAPPING, mode="strict")
    assert answer.status_code == 422
    assert [error["line"] for error in answer.json()["errors"]["account_number"]] == [22, 208, 335]
    assert Customer.objects.count() == 1


def test_a_preview_counts_and_makes_nothing(world: World, olga: Script) -> None:
    path = "/actions/import-customers/preview"
    answer = send(olga, SP500.read_bytes(), path, mapping=MAPPING, mode="skip").json()
    assert (answer["total"], answer["will_change"], answer["refused"]) == (503, 500, 3)
    assert [problem["line"] for problem in answer["problems"]] == [22, 208, 335]
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"mapping": "{"}, 400),
        ({"mapping": '{"name":' * 40 + "1" + "}" * 40}, 400),
        ({"mapping": "[" * 100_000}, 400),
        ({"mapping": '{"name": "a\\u0000"}'}, 422),
        ({"mode": "perhaps"}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_bad_parts_are_refused_and_nothing_is_made(
    world: World, olga: Script, fields: dict[str, str], status: int
) -> None:
    answer = send(olga, b"Customer,Account Number\nA,1\n", **fields)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert Customer.objects.count() == 1


def test_a_wrong_role_is_refused_before_the_file_is_kept(world: World) -> None:
    answer = send(Script(world.sam), b"Customer,Account Number\nA,1\n")
    assert (answer.status_code, Upload.objects.count()) == (403, 0)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(
    world: World, olga: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "MOST_BYTES", -(1024 * 1024) + 10)
    assert send(olga, b"Customer,Account Number\nA,1\n").status_code == 413


def test_no_file_and_an_empty_file_are_told_beside_the_field(world: World, olga: Script) -> None:
    assert send(olga, b"").json()["errors"]["file"][0]["code"] == "empty_file"
    answer = olga.post("/actions/import-customers", {"params": {"mode": "skip"}})
    assert answer.json()["errors"]["file"][0]["code"] == "required"


def test_the_same_key_with_the_same_file_is_one_job(world: World, olga: Script) -> None:
    key = {"Idempotency-Key": "once"}
    answers = [send(olga, b"Customer,Account Number\nA,1\n", headers=key) for _ in range(2)]
    assert not [answer.content for answer in answers if answer.status_code != 200]
    found = {answer.headers["Location"] for answer in answers}
    assert (len(found), Customer.objects.count()) == (1, 2)
