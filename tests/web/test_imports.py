"""Importing on pages: strangers first, then file, columns, look, job."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bailiwick.engine.intake import upload
from bailiwick.models import Customer, Job, SystemProperty
from tests.web.conftest import signed_in

SP500 = Path(__file__).parents[1] / "data" / "sp500.csv"
BY_CIK = {"column-1": "name", "column-6": "account_number", "column-4": "location", "all-country": "US"}


def given(client, content=b"Customer,Account Number\nFabrikam,F-1\n", name="file.csv"):
    answer = client.post("/customers/import", {"file": SimpleUploadedFile(name, content)})
    return answer.headers.get("Location", ""), answer


def hidden(answer, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1])


def carried(answer):
    return {name: hidden(answer, name) for name in ("mapping", "encoding", "key")}


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


PAGES = ("/customers/import", "/customers/import/00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page(world, page):
    assert "/sign-in" in Client().get(page).headers["Location"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["sam", "bea", "carla"])
def test_a_role_without_the_permission_gets_403(world, who, page):
    assert signed_in(getattr(world, who)).get(page).status_code == 403


def test_a_closed_gate_closes_every_page(world):
    client = signed_in(world.olga)
    columns, _answer = given(client)
    SystemProperty.objects.create(name="session.options.disableCreateEnterprise", value=True)
    assert [client.get(page).status_code for page in ("/customers/import", columns)] == [403, 403]
    assert client.post(f"{columns}/run", {"mapping": "{}"}).status_code == 403


def test_anothers_file_is_not_there(world):
    columns, _answer = given(signed_in(world.olga))
    answer = signed_in(world.stan).get(columns)
    assert (answer.status_code, "no longer kept" in text(answer)) == (422, True)


def test_too_many_rows_are_said_before_anybody_chooses_columns(world):
    content = b"Name\n" + b"".join(b"Customer %d\n" % number for number in range(1_000_000))
    _columns, answer = given(signed_in(world.olga), content)
    assert (answer.status_code, "more than 100000 rows" in text(answer)) == (422, True)


def test_the_columns_page_shows_the_first_rows_and_guesses(world):
    client = signed_in(world.olga)
    columns, _answer = given(client, SP500.read_bytes())
    page = client.get(columns)
    assert "Saint Paul, Minnesota" in text(page)
    chosen = re.findall(r'<option value="(\w+)" selected', page.content.decode())
    assert chosen == ["account_number", "name", "location"]


def test_the_whole_way_from_file_to_customers(world):
    client = signed_in(world.olga)
    columns, _answer = given(client, SP500.read_bytes())
    shown = client.post(f"{columns}/preview", BY_CIK)
    assert "500 customers would be created" in text(shown)
    assert "3 rows have errors" in text(shown)
    assert "The same as in line 21." in text(shown)
    assert "Default pool 5.2 stable" in text(shown), "What rows get that name none is seen before they are made."
    assert not Job.objects.exists()
    back = client.get(f"{columns}/preview")
    assert (back.status_code, back.headers["Location"]) == (302, columns)
    answers = [client.post(f"{columns}/run", carried(shown)) for _ in range(2)]
    job = Job.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {f"/jobs/{job.pk}"}
    assert (job.changed, job.refused) == (500, 3)
    assert Customer.objects.get(name="3M").detail.country == "US"


def test_the_mapping_is_kept_for_the_next_file_with_these_headings(world):
    client = signed_in(world.olga)
    columns, _answer = given(client, SP500.read_bytes())
    client.post(f"{columns}/preview", {"column-1": "name", "column-0": "account_number", "all-country": "US"})
    again, _answer = given(client, SP500.read_bytes() + b"X,Extra,,,,,1,\n")
    page = client.get(again).content.decode()
    assert re.findall(r'<option value="(\w+)" selected', page) == ["account_number", "name", "US"]
    others, _answer = given(signed_in(world.stan), SP500.read_bytes())
    assert "account_number" in signed_in(world.stan).get(others).content.decode()


def test_every_error_can_be_downloaded_without_formulas(world):
    client = signed_in(world.olga)
    columns, _answer = given(client, b"Customer,Account Number,Country\n" + b"A,1,=Nowhere\n" * 300)
    shown = client.post(f"{columns}/preview", {"column-0": "name", "column-1": "account_number", "column-2": "country"})
    assert "300 errors" in text(shown)
    answer = client.post(f"{columns}/problems.csv", carried(shown))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert (len(lines), lines[1].split(",")[0]) == (301, '"2"')


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"column-0": "name", "column-1": "name"}, "Two columns go to Company name."),
        ({"column-0": "name"}, "Say which column is Account Number."),
        ({"column-0": "nothing"}, "Say where the columns go."),
    ],
)
def test_a_mapping_that_does_not_do_leads_back_to_the_columns(world, fields, message):
    client = signed_in(world.olga)
    columns, _answer = given(client)
    answer = client.post(f"{columns}/preview", fields)
    assert (answer.status_code, message in text(answer)) == (422, True)


@pytest.mark.parametrize("content", [b"", b'Customer,Account Number\n"open,1\n', b"a\x00b", b"\xff\xfe\x00"])
def test_a_broken_file_is_refused_on_the_page(world, content):
    client = signed_in(world.olga)
    columns, answer = given(client, content)
    if answer.status_code == 302:
        answer = client.get(columns)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_no_file_and_a_damaged_form_are_told(world):
    client = signed_in(world.olga)
    assert client.post("/customers/import").status_code == 422
    columns, _answer = given(client)
    assert client.post(f"{columns}/run", {"mapping": "["}).status_code == 422
    assert client.post(f"{columns}/run", {"mapping": json.dumps({"name": "Nowhere"})}).status_code == 422


def test_what_a_file_says_is_never_markup(world):
    client = signed_in(world.olga)
    attack = b"<script>alert(1)</script>"
    columns, _answer = given(client, b"Customer,Account Number," + attack + b"\n" + attack + b",1," + attack + b"\n")
    page = client.get(columns)
    shown = client.post(f"{columns}/preview", {"column-0": "name", "column-1": "account_number", "column-2": "city"})
    for answer in (page, shown):
        assert attack.decode() in html.unescape(answer.content.decode())
        assert attack not in answer.content


def test_too_large_a_file_is_refused(world, monkeypatch):
    monkeypatch.setattr(upload, "MOST_BYTES", 10)
    _columns, answer = given(signed_in(world.olga))
    assert answer.status_code == 413
