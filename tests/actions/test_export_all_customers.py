"""Export All Customers (EXP): every customer of the portal, every column, any separator, nothing that runs."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.access.told import TOLD
from bailiwick.actions import MENU
from bailiwick.engine.exports.customer_table import COLUMNS, customer_table
from bailiwick.engine.exports.dialect import Dialect
from bailiwick.engine.exports.export import download, stream
from bailiwick.engine.exports.view_table import selection_table, view_table
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.intake import upload
from bailiwick.engine.preview import preview
from bailiwick.engine.selection import freeze_living
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, JobState, User
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.engine.files import read, records
from tests.world import NOW, World

ACTION = MENU["export-all-customers"]
committed = pytest.mark.django_db(transaction=True)
HEADINGS = [
    "Customer",
    "Account Number",
    "Logical ID",
    "Partner",
    "Domain",
    "Description",
    "Contact Name",
    "Contact Email",
    "Contact Phone",
    "Contact Mobile",
    "Street",
    "Street 2",
    "City",
    "State",
    "Postcode",
    "Country",
    "Latitude",
    "Longitude",
    "Time Zone",
    "Locale",
    "Edges",
    "Gateway Pool",
    "Operator Profile",
    "Assigned Operator Profiles",
    "Edge Image Management",
    "Edge Authentication",
    "Customer Alerts",
    "Operator Alerts",
    "Bastion State",
    "Services",
    "Created",
    "Modified",
]


def example(world: World) -> dict[str, Any]:
    return {"separator": ";"}


@committed
def test_exp_01_all_customers_are_in_the_file_whatever_is_selected(world: World) -> None:
    made = world.customers(3)
    job = submit(world.actor(world.olga), ACTION, select={"ids": [made[0].pk]}, raw={}, now=NOW)
    assert (job.state, job.result) == (JobState.DONE, {"download": "/api/v1/exports/customers.csv", "rows": 4})
    names = {row["Customer"] for row in records(world.actor(world.olga), ACTION)}
    assert names == {"Contoso", *(customer.name for customer in made)}


@committed
def test_exp_03_a_semicolon_separates_and_a_name_that_holds_one_is_quoted(world: World) -> None:
    world.customer("Fish; Chips")
    data = b"".join(download(world.actor(world.olga), ACTION, raw={"separator": ";"}, now=NOW).blocks)
    assert b'"Fish; Chips";' in data
    heading, *rows = read(data, ";")
    assert (heading[0], {row[0] for row in rows}) == ("Customer", {"Contoso", "Fish; Chips"})


@committed
def test_exp_05_a_name_that_is_a_formula_is_neutralised_unless_the_guard_is_off(world: World) -> None:
    world.customer("=1+1")
    olga = world.actor(world.olga)
    assert {row["Customer"] for row in records(olga, ACTION)} == {"Contoso", "'=1+1"}
    assert {row["Customer"] for row in records(olga, ACTION, formula_guard=False)} == {"Contoso", "=1+1"}


@committed
def test_exp_07_a_partner_gets_his_own_customers_only(world: World) -> None:
    world.customer("Foreign", partner=world.zenith)
    world.customer("Direct")
    assert [row["Customer"] for row in records(world.actor(world.pia), ACTION)] == ["Contoso"]
    with pytest.raises(NotAllowed):
        download(world.actor(world.carla), ACTION, raw={}, now=NOW)


@committed
@committed
def test_the_file_tells_what_a_customer_may_choose_its_default_first(world: World) -> None:
    early, other = profile(world, "6.4 early"), profile(world, "Aalto")
    may_choose(world.contoso, other, early, world.profile)
    (row,) = records(world.actor(world.olga), ACTION)
    assert row["Assigned Operator Profiles"] == "5.2 stable|6.4 early|Aalto"


def test_exp_09_without_a_customer_there_is_the_header_row_only(world: World) -> None:
    table = customer_table(world.actor(world.olga), Customer.objects.none())
    assert read(b"".join(stream(table, Dialect()))) == [HEADINGS]
    nobody = customer_table(world.actor(world.stranger))
    assert read(b"".join(stream(nobody, Dialect()))) == [HEADINGS]


@committed
def test_the_columns_hold_what_they_say(world: World) -> None:
    customer = world.customer(
        "Fabrikam",
        partner=world.acme,
        domain="fabrikam.example",
        description="Two\nlines",
        contact_phone="+49 30 1",
        latitude=52.5,
        longitude=-13.25,
        services=["voice", "wan"],
        alerts_enabled=False,
        country="DE",
    )
    world.edges(customer, 3)
    row = records(world.actor(world.olga), ACTION)[1]
    assert list(row) == HEADINGS
    assert row == {
        "Customer": "Fabrikam",
        "Account Number": customer.account_number,
        "Logical ID": str(customer.logical_id),
        "Partner": "Acme Partners",
        "Domain": "fabrikam.example",
        "Description": "Two\nlines",
        "Contact Name": "",
        "Contact Email": "",
        "Contact Phone": "'+49 30 1",
        "Contact Mobile": "",
        "Street": "",
        "Street 2": "",
        "City": "",
        "State": "",
        "Postcode": "",
        "Country": "DE",
        "Latitude": "52.5",
        "Longitude": "-13.25",
        "Time Zone": "UTC",
        "Locale": "en",
        "Edges": "3",
        "Gateway Pool": "Default pool",
        "Operator Profile": "5.2 stable",
        "Assigned Operator Profiles": "5.2 stable",
        "Edge Image Management": "false",
        "Edge Authentication": "CERTIFICATE_OPTIONAL",
        "Customer Alerts": "false",
        "Operator Alerts": "true",
        "Bastion State": "UNCONFIGURED",
        "Services": "voice|wan",
        "Created": "2026-11-22T12:00:00Z",
        "Modified": "2026-11-22T12:00:00Z",
    }


@committed
def test_of_a_customer_that_withdrew_its_access_an_operator_gets_what_identifies_it(world: World) -> None:
    world.customer(
        "Withdrawn", partner=world.acme, operator_access=False, city="Bern", contact_name="Ada", latitude=1.0
    )
    row = records(world.actor(world.olga), ACTION)[1]
    shown = {COLUMNS[name].heading for name in TOLD["operator"]}
    assert (row["Customer"], row["Partner"]) == ("Withdrawn", "Acme Partners")
    assert {heading: value for heading, value in row.items() if heading not in shown and value} == {}
    own = records(world.actor(world.pia), ACTION)[1]
    assert (own["City"], own["Contact Name"], own["Latitude"]) == ("Bern", "Ada", "1")


def test_a_preview_says_how_many_rows_the_file_has(world: World) -> None:
    world.customers(3)
    shown = preview(world.actor(world.olga), ACTION, select=None, raw={}, now=NOW)
    assert (shown.total, shown.changing, shown.refused, shown.button) == (4, 4, 0, "Export 4 rows")


def test_the_address_carries_the_choices(world: World) -> None:
    raw = {"separator": "§", "formula_guard": False, "bom": True, "compress": True}
    job = submit(world.actor(world.olga), ACTION, raw=raw, now=NOW)
    assert job.result["download"] == "/api/v1/exports/customers.csv?separator=%C2%A7&guard=0&bom=1&compress=gzip"


def test_exp_04_a_separator_that_separates_nothing_makes_no_job(world: World) -> None:
    with pytest.raises(InvalidParams) as refused:
        submit(world.actor(world.olga), ACTION, raw={"separator": ";;"}, now=NOW)
    assert refused.value.errors["separator"][0]["code"] == "separator"


@committed
def test_a_file_of_the_view_has_its_filter_its_columns_and_its_order(world: World) -> None:
    world.customers(2, names=["Beta One", "Beta Two"], alerts_enabled=False)
    table = view_table(
        world.actor(world.olga), {"search": "beta"}, columns=["edges", "name", "edges_down"], sort="-name"
    )
    rows = read(b"".join(stream(table, Dialect())))
    assert rows == [["Edges", "Customer", "Edges Down"], ["0", "Beta Two", "0"], ["0", "Beta One", "0"]]


@committed
def test_a_file_of_a_selection_has_the_rows_of_its_ticket_that_are_still_ones_own(world: World) -> None:
    one, two, three = world.customers(3, partner=world.acme)
    pia = world.actor(world.pia)
    ticket = str(freeze_living(pia, {"ids": [one.pk, two.pk, three.pk]}, now=NOW).logical_id)
    Customer.objects.filter(pk=two.pk).update(partner=world.zenith)
    rows = read(b"".join(stream(selection_table(pia, ticket, columns=["name"], now=NOW), Dialect())))
    assert rows == [["Customer"], [one.name], [three.name]]
    with pytest.raises(InvalidParams, match="no such selection"):
        selection_table(world.actor(world.olga), ticket, columns=["name"], now=NOW)


def test_a_view_refuses_columns_sorts_and_filters_that_do_not_exist(world: World) -> None:
    olga = world.actor(world.olga)
    for asked in ({"columns": ["password"]}, {"columns": []}, {"columns": ["name"], "sort": "password"}):
        with pytest.raises(InvalidParams):
            view_table(olga, {}, **asked)
    with pytest.raises(InvalidParams):
        view_table(olga, {"password": "x"}, columns=["name"])


@committed
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_file_comes_in_again_without_a_mapping(world: World, separator: str) -> None:
    names = ["=1+1", "'=1+1", "+49", "-x", "@home", "Fish; Chips", 'A "quoted", one', "株式会社 | 東京", "🏢 A"]
    world.customers(
        len(names), names=names, partner=world.acme, description="Two\nlines, =1", contact_phone="+49 30 1",
        city="Bern", country="CH", latitude=46.9, longitude=-7.4, timezone="Europe/Zurich",
        locale="de-CH", alerts_enabled=False, operator_alerts_enabled=False,
    )  # fmt: skip
    olga = world.actor(world.olga)
    data = b"".join(download(olga, ACTION, raw={"separator": separator}, now=NOW).blocks)
    before = records(olga, ACTION)
    User.objects.exclude(customer=None).delete()
    Customer.objects.all().delete()
    file = upload.store(olga, "customers.csv", data, now=NOW)
    job = submit(olga, MENU["import-customers"], raw={"file": str(file.logical_id)}, now=NOW)
    assert (job.state, job.changed, job.refused) == (JobState.DONE, len(before), 0)
    new = {"Logical ID", "Created", "Modified"}
    assert [_without(row, new) for row in records(olga, ACTION)] == [_without(row, new) for row in before]


def _without(row: dict[str, str], headings: set[str]) -> dict[str, str]:
    return {heading: value for heading, value in row.items() if heading not in headings}
