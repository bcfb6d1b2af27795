"""Import Customers: real companies, broken files, every error at once."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import sheet, upload
from bailiwick.engine.preview import Preview, preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, GatewayPool, Job, JobRefusal, PartnerPool, SystemProperty, Upload
from tests.configured import add, furnish, said
from tests.world import NOW, World

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor

ACTION = MENU["import-customers"]
SP500 = Path(__file__).parents[1] / "data" / "sp500.csv"


def example(world: World) -> dict[str, Any]:
    content = b"Customer,Account Number\nFabrikam,F-1\nNorthwind,N-1\n"
    return {"file": str(upload.store(world.actor(world.olga), "two.csv", content, now=NOW).logical_id)}


def given(actor: Actor, content: bytes | str, **raw: Any) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    return {"file": str(upload.store(actor, "file.csv", data, now=NOW).logical_id), **raw}


def run(actor: Actor, content: bytes | str, **raw: Any) -> Job:
    return submit(actor, ACTION, raw=given(actor, content, **raw), now=NOW)


def look(actor: Actor, content: bytes | str, **raw: Any) -> Preview:
    return preview(actor, ACTION, select=None, raw=given(actor, content, **raw), now=NOW)


def refused(actor: Actor, content: bytes | str, **raw: Any) -> InvalidParams:
    with pytest.raises(InvalidParams) as refusal:
        run(actor, content, **raw)
    return refusal.value


def codes(error: InvalidParams) -> dict[str, list[tuple[str, int | None]]]:
    return {field: [(one["code"], one.get("line")) for one in found] for field, found in error.errors.items()}


BY_SYMBOL = {"name": "Security", "account_number": "Symbol", "location": "Headquarters Location"}


def test_503_real_companies_come_in(world: World) -> None:
    job = run(world.actor(world.olga), SP500.read_bytes(), mapping=BY_SYMBOL)
    assert (job.state, job.changed, job.refused) == ("done", 503, 0)
    row = Customer.objects.select_related("detail", "search").get(name="3M")
    assert (row.account_number, row.detail.city, row.detail.state) == ("MMM", "Saint Paul", "Minnesota")
    assert (row.gateway_pool, row.operator_profile, row.partner) == (world.pool, world.profile, None)
    assert "saint paul" in row.search.text
    assert Event.objects.filter(job_id=job.pk, name="CREATE_ENTERPRISE").count() == 503
    with SP500.open(newline="") as file:
        wanted = {record["Security"].strip() for record in csv.DictReader(file)}
    assert set(Customer.objects.exclude(pk=world.contoso.pk).values_list("name", flat=True)) == wanted


def test_of_the_real_companies_three_share_their_number_with_another_and_are_named(world: World) -> None:
    """Alphabet, Fox and News Corp are listed twice, once a class of share."""
    olga = world.actor(world.olga)
    by_cik = {"mapping": BY_SYMBOL | {"account_number": "CIK"}}
    error = refused(olga, SP500.read_bytes(), **by_cik)
    assert codes(error) == {"account_number": [("account_repeated", line) for line in (22, 208, 335)]}
    job = run(olga, SP500.read_bytes(), mode="skip", **by_cik)
    assert (job.changed, job.refused) == (500, 3)
    assert Customer.objects.get(name="3M").account_number == "66740"


@pytest.mark.parametrize(
    "mapping",
    [
        {"name": "Security", "account_number": "CIK", "location": "Headquarters Location", "country": {"value": "US"}},
        {"Security": "name", "CIK": "account_number", "Headquarters Location": "location", "country": {"value": "US"}},
        {"name": {"column": 2}, "accountNumber": {"column": 7}, "location": {"column": 5}, "country": {"value": "usa"}},
    ],
)
def test_a_mapping_says_field_and_heading_in_either_order(world: World, mapping: dict[str, Any]) -> None:
    assert run(world.actor(world.olga), SP500.read_bytes(), mapping=mapping, mode="skip").changed == 500
    row = Customer.objects.select_related("detail").get(name="3M")
    assert (row.account_number, row.detail.city, row.detail.country) == ("66740", "Saint Paul", "US")


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"name": "Security"}, "not_mapped"),
        ({"name": "Security", "account_number": "Nowhere"}, "unknown_column"),
        ({"name": "Security", "account_number": "CIK", "colour": "Symbol"}, "unknown_target"),
        ({"name": "Security", "customer": "Symbol", "account_number": "CIK"}, "used_twice"),
        ({"name": {"column": 99}, "account_number": "CIK"}, "unknown_column"),
        ({"name": ["Security"], "account_number": "CIK"}, "unknown_column"),
        (["name"], "wrong_type"),
        ("{", "invalid"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(world: World, mapping: Any, code: str) -> None:
    error = refused(world.actor(world.olga), SP500.read_bytes(), mapping=mapping)
    assert code in {one["code"] for one in error.errors["mapping"]}


BAD = """Customer,Account Number,Contact Email,Country,Edge Image Management
Good,G-1,info@good.example,CH,true
,G-2,,,
Bad mail,G-3,not an address,XX,maybe
Contoso,G-4,,,
Again,G-1,,,
"Short",G-5
Fine,G-6,,Switzerland,no
"""
FOUND = {
    "name": [("required", 3), ("name_taken", 5)],
    "contact_email": [("email_form", 4)],
    "country": [("invalid_choice", 4)],
    "edge_image_management": [("wrong_type", 4)],
    "account_number": [("account_repeated", 6)],
    "row": [("ragged", 7)],
}


def test_all_errors_of_all_rows_come_at_once_with_their_lines_and_nothing_is_made(world: World) -> None:
    error = refused(world.actor(world.olga), BAD)
    assert codes(error) == FOUND
    assert not Customer.objects.exclude(pk=world.contoso.pk).exists()
    assert not Job.objects.exists()


def test_skip_makes_the_good_rows_and_lists_the_bad_ones(world: World) -> None:
    olga = world.actor(world.olga)
    shown = look(olga, BAD, mode="skip")
    assert (shown.total, shown.changing, shown.refused) == (7, 2, 5)
    assert [row["customer"] for row in shown.sample] == ["Good", "Fine"]
    assert {(problem.field, problem.code, problem.line) for problem in shown.problems} == {
        (field, code, line) for field, found in FOUND.items() for code, line in found
    }
    assert look(olga, BAD, mode="strict").changing == 0
    job = run(olga, BAD, mode="skip")
    assert (job.changed, job.refused) == (2, 5)
    assert list(JobRefusal.objects.filter(job=job).order_by("line").values_list("line", flat=True)) == [3, 4, 5, 6, 7]
    assert Customer.objects.get(name="Fine").detail.country == "CH"


def test_a_repetition_in_another_chunk_is_left_out_too(world: World) -> None:
    lines = ["Customer,Account Number", *(f"Many {n},M-{n}" for n in range(1_500)), "Many 7,M-again"]
    job = run(world.actor(world.olga), "\n".join(lines), mode="skip")
    from bailiwick.engine.run import run as work

    work(job, ACTION)
    job.refresh_from_db()
    assert (job.state, job.changed, job.refused) == ("done", 1_500, 1)


def test_a_good_row_after_a_bad_one_of_the_same_name_is_made(world: World) -> None:
    content = "Customer,Account Number,Country\nTwin,T-1,Nowhere\nTwin,T-1,CH\n"
    assert run(world.actor(world.olga), content, mode="skip").changed == 1


def test_names_of_partner_pool_and_profile_must_be_in_the_actors_scope(world: World) -> None:
    west = GatewayPool.objects.create(name="EU-West", name_key="eu-west")
    PartnerPool.objects.create(partner=world.acme, gateway_pool=west)
    content = "Customer,Account Number,Partner,Gateway Pool\nA,1,ACME partners,eu-west\nB,2,Nobody,\n"
    error = refused(world.actor(world.olga), content)
    assert codes(error) == {"partner": [("not_found", 3)]}
    run(world.actor(world.olga), content, mode="skip")
    row = Customer.objects.get(name="A")
    assert (row.partner, row.gateway_pool.name) == (world.acme, "EU-West")


def test_a_partners_rows_are_his_and_another_partner_is_not_there(world: World) -> None:
    pia = world.actor(world.pia)
    assert run(pia, "Customer,Account Number\nA,1\n").changed == 1
    made = Customer.objects.get(name="A")
    assert (made.partner, made.partner_access) == (world.acme, True), "it may open what it made"
    assert codes(refused(pia, "Customer,Account Number,Partner\nB,2,Zenith\n")) == {"partner": [("not_found", 2)]}


def test_anothers_file_is_not_there(world: World) -> None:
    raw = given(world.actor(world.olga), "Customer,Account Number\nA,1\n")
    with pytest.raises(InvalidParams, match="no longer kept"):
        submit(world.actor(world.stan), ACTION, raw=raw, now=NOW)


def test_roles_and_gates_are_those_of_creating(world: World) -> None:
    with pytest.raises(NotAllowed):
        run(world.actor(world.sam), "Customer,Account Number\nA,1\n")
    SystemProperty.objects.create(name="session.options.disableCreateEnterprise", value=True)
    with pytest.raises(NotAllowed) as refusal:
        run(world.actor(world.olga), "Customer,Account Number\nA,1\n")
    assert refusal.value.code == "ENTERPRISE_CREATION_DISABLED"


def test_the_same_file_twice_is_one_upload_and_the_same_key_one_job(world: World) -> None:
    olga = world.actor(world.olga)
    jobs = {
        submit(olga, ACTION, raw=given(olga, "Customer,Account Number\nA,1\n"), now=NOW, key="once").pk for _ in "12"
    }
    assert (len(jobs), Upload.objects.count()) == (1, 1)


HEAD = "Customer;Account Number;City\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "§", "~", ":"])
def test_encoding_and_separator_are_found_out(world: World, encoding: str, separator: str) -> None:
    text = f"Customer{separator}Account Number{separator}City\r\n"
    text += "".join(f'"Müller {n}, Söhne; Co"{separator}{n}{separator}Zürich\r\n' for n in range(3))
    job = run(world.actor(world.olga), text.encode(encoding))
    assert job.changed == 3
    assert Customer.objects.get(name="Müller 1, Söhne; Co").detail.city == "Zürich"


def test_an_encoding_that_is_told_holds(world: World) -> None:
    run(world.actor(world.olga), "Customer,Account Number\nŁódź,1\n".encode("cp1250"), encoding="cp1250")
    assert Customer.objects.filter(name="Łódź").exists()


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"Customer,Account Number\nA\x00B,1\n", "nul", 2),
        ("Customer,Account Number\n" + "Zürich,1\n" * 3, "wrong_encoding", 5),
        (b'Customer,Account Number\nA,1\n"B,2\nC,3\n', "unclosed_quote", 3),
        (b'Customer,Account Number\n"A"x,1\n', "quote", 2),
        (b"Customer,Account Number\n", "no_rows", None),
        (b"\n\n", "empty_file", None),
        (b"", "empty_file", None),
        (",".join(f"c{n}" for n in range(600)).encode() + b"\n1\n", "too_many_columns", None),
    ],
)
def test_a_broken_file_is_refused_with_its_line(
    world: World, content: bytes | str, code: str, line: int | None
) -> None:
    data = content if isinstance(content, bytes) else content.encode() + b"Z\xfcrich,1\n"
    assert codes(refused(world.actor(world.olga), data)) == {"file": [(code, line)]}


def test_too_many_rows_get_one_clear_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 10)
    content = "Customer,Account Number\n" + "".join(f"A{n},{n}\n" for n in range(11))
    assert codes(refused(world.actor(world.olga), content)) == {"file": [("too_many_rows", None)]}


def test_too_large_a_file_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_BYTES", 10)
    with pytest.raises(InvalidParams, match="larger than"):
        given(world.actor(world.olga), "Customer,Account Number\n")


@pytest.mark.parametrize(
    ("name", "code"),
    [("x" * 256, "max_length"), ("Con\u200btoso", "forbidden_character"), ("a\x07b", "forbidden_character")],
)
def test_text_rules_hold_in_files_too(world: World, name: str, code: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["Customer", "Account Number"], [name, "1"]])
    assert codes(refused(world.actor(world.olga), out.getvalue())) == {"name": [(code, 2)]}


@pytest.mark.parametrize("text", ["1e5", "0012", "null", "=1+1", "'quoted", "محمد", "🏭 Works", "a\u0301"])
def test_text_stays_text_in_nfc(world: World, text: str) -> None:
    import unicodedata

    run(world.actor(world.olga), f"Customer,Account Number\n{text},{text}\n")
    stored = unicodedata.normalize("NFC", text)
    assert Customer.objects.get(name=stored).account_number == stored


def test_a_deep_or_huge_mapping_is_refused_without_harm(world: World) -> None:
    for mapping in ({"name": {"value": {"a": 1}}}, {f"k{n}": "x" for n in range(2_000)}, {"": ""}, {"name": None}):
        assert "mapping" in refused(world.actor(world.olga), "Customer,Account Number\nA,1\n", mapping=mapping).errors


def test_a_bad_row_hears_all_that_is_wrong_with_it_and_takes_no_name_from_a_good_one(world: World) -> None:
    taken = world.contoso
    file = (
        f"Customer,Account Number,Country\n{taken.name},{taken.account_number},XX\nNorthwind,N-1,XX\nNorthwind,N-1,CH\n"
    )
    found = look(world.actor(world.olga), file, mode="skip")
    told = sorted((problem.line, problem.field, problem.code) for problem in found.problems)
    assert [(line, field) for line, field, _code in told] == [
        (2, "account_number"), (2, "country"), (2, "name"), (3, "country")
    ]  # fmt: skip
    assert found.changing == 1
    job = run(world.actor(world.olga), file, mode="skip")
    assert list(job.refusals.order_by("pk").values_list("line", flat=True)) == [2, 3]


MANY = "name,account_number\nWing,W-1\nTailspin,T-1\nFabrikam,F-1\n"


def test_a_file_of_new_customers_clones_a_template_for_each(world: World) -> None:
    olga = world.actor(world.olga)
    furnish(olga, world.contoso)
    job = run(olga, MANY, template=world.contoso.pk, alert_configuration=True)
    assert (job.state, job.changed) == ("done", 3)
    never = {"cost-calculation", "security-policy", "routing-preferences"}
    expected = [row for row in said(world.contoso.pk) if row[1] not in never]
    for name in ("Wing", "Tailspin", "Fabrikam"):
        assert said(Customer.objects.get(name=name).pk) == expected


def test_a_template_that_cannot_be_one_leaves_every_row_out(world: World) -> None:
    olga = world.actor(world.olga)
    add(olga, world.contoso, "vnf", {"vendor": "FORTINET"})
    error = refused(olga, MANY, template=world.contoso.pk)
    assert error.status == 409
    assert codes(error)["template"] == [("NOT_CLONEABLE", 2), ("NOT_CLONEABLE", 3), ("NOT_CLONEABLE", 4)]
    assert run(olga, MANY, template=world.contoso.pk, resolve_references=True).changed == 3


def test_who_may_not_clone_gives_no_template(world: World) -> None:
    error = refused(world.actor(world.stan), MANY, template=world.contoso.pk)
    assert codes(error)["template"] == [("not_allowed", None)]
