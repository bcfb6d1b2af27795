"""Every error is problem+json with a stable code, whatever strangers send."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from tests.api.client import Script
from tests.world import World

ALERTS = "/actions/update-customer-alerts"


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def deep(levels: int) -> bytes:
    return b'{"params":' + b"[" * levels + b"]" * levels + b"}"


MALFORMED = [
    (b"{", 400, "malformed_json"),
    (b"\xff\xfe{}", 400, "malformed_json"),
    (b'{"a": NaN}', 400, "malformed_json"),
    (b'{"params": {}, "params": {}}', 400, "malformed_json"),
    (b"\xef\xbb\xbf{}", 400, "malformed_json"),
    (b"[]", 422, "not_an_object"),
    (b'"text"', 422, "not_an_object"),
    (b"null", 422, "not_an_object"),
    (deep(40), 400, "too_deep"),
    (deep(100_000), 400, "too_deep"),
    (b'{"colour": 1}', 422, "invalid"),
    (b'{"params": []}', 422, "invalid"),
    (b'{"params": {"enabled": "a\\u0000b"}}', 422, "invalid"),
    (b'{"params": {"enabled": "\\ud800"}}', 422, "invalid"),
    (b'{"params": {"a\\u0000": 1}}', 422, "invalid"),
    (b'{"params": {"enabled": 1e999}}', 422, "invalid"),
    (b'{"params": {"enabled": 99999999999999999999}}', 422, "invalid"),
    (b'{"params": {"enabled": ' + b"9" * 5_000 + b"}}", 400, "malformed_json"),
    (b'{"params": {"enabled": {"x": 1}}}', 422, "invalid"),
    (b'{"confirm": "1"}', 422, "invalid"),
    (b'{"confirm": true}', 422, "invalid"),
    (b'{"select": {"ids": ["1"]}, "params": {"enabled": true}}', 422, "invalid"),
    (b'{"select": {"ids": [true]}, "params": {"enabled": true}}', 422, "invalid"),
    (b'{"select": {"ids": [1], "matching": {}}, "params": {"enabled": true}}', 422, "invalid"),
    (b'{"select": {"ticket": "x"}, "params": {"enabled": true}}', 422, "invalid"),
    (b'{"select": {"matching": {"colour": 1}}, "params": {"enabled": true}}', 422, "invalid"),
    (b'{"select": {"matching": {"search": {}}}, "params": {"enabled": true}}', 422, "invalid"),
    (b"", 422, "invalid"),
    (b'{"select": {"ids": []}, "params": {"enabled": true}}', 422, "invalid"),
]
# What a script sends whose variable is empty: none of it may mean "every customer".
SAY_NOTHING = [
    ("search", None),
    ("search", ""),
    ("search", "  "),
    ("partner", None),
    ("country.in", []),
    ("partner.isNull", ""),
    ("name.startsWith", "  "),
    ("name.contains", "\u200b"),
]


@pytest.mark.parametrize(("body", "status", "code"), MALFORMED, ids=[str(row[0][:45]) for row in MALFORMED])
def test_a_body_that_cannot_be_used_is_refused_with_a_code(olga: Script, body: bytes, status: int, code: str) -> None:
    answer = olga.ask("POST", f"{ALERTS}/preview", body)
    shown = answer.json()
    assert (answer.status_code, shown["code"]) == (status, code), shown
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(shown) >= {"type", "title", "status", "code", "detail"}
    assert "\0" not in answer.content.decode()


@pytest.mark.parametrize(("name", "value"), SAY_NOTHING)
def test_an_empty_filter_of_a_selection_is_refused_instead_of_meaning_everybody(
    olga: Script, name: str, value: object
) -> None:
    body = {"select": {"matching": {name: value}}, "params": {"enabled": True}}
    answer = olga.post(f"{ALERTS}/preview", body)
    assert (answer.status_code, answer.json()["errors"][name][0]["code"]) == (422, "empty_filter"), answer.json()


def test_an_empty_list_of_ids_is_an_empty_selection(olga: Script) -> None:
    for address in (ALERTS, f"{ALERTS}/preview"):
        answer = olga.post(address, {"select": {"ids": []}, "params": {"enabled": True}})
        assert (answer.status_code, answer.json()["errors"]["select"][0]["code"]) == (422, "select_empty")


def test_is_null_takes_no_false(olga: Script) -> None:
    body = {"select": {"matching": {"partner.isNull": False}}, "params": {"enabled": True}}
    assert olga.post(f"{ALERTS}/preview", body).json()["errors"]["partner.isNull"][0]["code"] == "invalid"


def test_a_body_larger_than_a_mebibyte_is_refused(olga: Script) -> None:
    answer = olga.ask("POST", ALERTS, b'{"params": {"enabled": "' + b"x" * 1024 * 1024 + b'"}}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_another_media_type_is_refused(olga: Script) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"):
        answer = olga.ask("POST", ALERTS, b"{}", Content_Type=media_type)
        assert (answer.status_code, answer.json()["code"]) == (415, "media_type")


def test_an_empty_body_is_an_empty_object(world: World, olga: Script) -> None:
    missing = olga.ask("POST", ALERTS).json()["errors"]
    assert missing == olga.post(ALERTS, {}).json()["errors"]


def test_an_address_that_does_not_exist_and_a_method_that_is_not_taken(olga: Script) -> None:
    assert olga.get("/nothing").json()["code"] == "not_found"
    assert olga.get("/actions/grow-customer/preview").json()["code"] == "method_not_allowed"
    assert olga.post("/actions/grow-customer").json()["code"] == "unknown_action"
    refused = olga.ask("DELETE", "/customers")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET")
    assert refused.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/customers?limit=0",
        "/customers?limit=many",
        "/customers?limit=99999999999999999999",
        "/customers?sort=colour",
        "/customers?sort=%00",
        "/customers?after=nonsense",
        "/customers?search=a%00b",
        "/customers?colour=red",
        "/customers?partner=99999999999999999999999",
        "/customers?edges_min=-1",
        "/customers?name.is=%00",
        "/jobs?state=lost",
        "/jobs?after=-1",
        "/events?customer=99999999999999999999999",
        "/edges?after=x",
        "/jobs/1/outcomes?outcome=lost",
    ],
)
def test_a_parameter_that_cannot_be_used_names_itself(olga: Script, path: str) -> None:
    answer = olga.get(path)
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "path",
    [
        "/customers/99999999999999999999999999",
        "/customers/0",
        "/customers/%00",
        "/jobs/99999999999999999999999999",
        "/jobs/%00",
        "/jobs/00000000-0000-0000-0000-000000000000",
        "/partners/99999999999999999999",
        "/edges/99999999999999999999",
        "/selections/00000000-0000-0000-0000-000000000000",
        "/system-properties/%00",
        "/system-properties/nothing",
    ],
)
def test_an_id_that_was_never_issued_is_not_found(olga: Script, path: str) -> None:
    answer = olga.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_idempotency_key_of_any_characters_is_refused(world: World, olga: Script) -> None:
    for key in ("", "x" * 256, "schlüssel"):
        answer = olga.post(ALERTS, {"select": {"ids": [world.contoso.pk]}}, Idempotency_Key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_an_unexpected_error_says_nothing_about_itself(world: World, olga: Script) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE bailiwick_job RENAME COLUMN state TO secret_inner_state")
    answer = olga.get("/jobs")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "state" not in answer.json()["detail"]
    assert "SELECT" not in answer.content.decode()


def test_a_database_that_does_not_answer_is_a_503_with_a_time_to_wait(world: World, olga: Script) -> None:
    with psycopg.connect(**connection.get_connection_params()) as elsewhere, connection.cursor() as cursor:
        elsewhere.execute("LOCK TABLE bailiwick_job IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET LOCAL lock_timeout = '20ms'")
        answer = olga.get("/jobs")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")


def test_the_errors_of_the_openapi_document_are_of_one_shape(olga: Script) -> None:
    shown = olga.get("/openapi.json").json()
    operations = [operation for path in shown["paths"].values() for operation in path.values()]
    assert all("default" in operation["responses"] for operation in operations)
    assert "/api/v1/actions/delete-customer/preview" in shown["paths"]


def test_all_errors_of_a_form_come_at_once_a_nul_among_them(olga: Script) -> None:
    params = {"name": "a\0b", "account_number": "", "contact_email": "nobody", "city": "\ud800", "latitude": []}
    errors = olga.post("/actions/new-customer/preview", {"params": params}).json()["errors"]
    codes = {name: errors[name][0]["code"] for name in params}
    assert codes == {
        "name": "forbidden_character",
        "account_number": "required",
        "contact_email": "email_form",
        "city": "forbidden_character",
        "latitude": "wrong_type",
    }
