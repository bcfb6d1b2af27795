"""Real companies from a real file, in a real browser: file, columns, look, job, and a new customer by its dialog."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import set_password

SP500 = Path(__file__).parents[1] / "data" / "sp500.csv"


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture
def olga(portal, page) -> Page:
    link = portal.shell("user", "create", "importer@operator.example", "--role", "superuser").strip()
    return set_password(portal, page, "/link/" + link.rpartition("/")[2])


def test_real_companies_come_in_and_one_is_made_by_hand(portal, olga):
    olga.goto(portal.url + "/customers")
    olga.get_by_role("button", name="Import Customers").click()
    olga.get_by_label("CSV file").set_input_files(SP500)
    olga.get_by_role("button", name="Read the file").click()
    expect(olga.get_by_label("Security", exact=True)).to_have_value("name")
    expect(olga.get_by_label("Headquarters Location")).to_have_value("location")
    expect(olga.get_by_label("Symbol")).to_have_value("account_number")
    olga.get_by_label("Symbol").select_option("")
    olga.get_by_label("CIK").select_option("account_number")
    olga.get_by_label("Country").select_option("US")
    olga.get_by_role("button", name="Look at the result").click()
    expect(olga.get_by_text("500 customers would be created")).to_be_visible()
    with olga.expect_download() as download:
        olga.get_by_role("button", name="Download the errors").click()
    assert len(Path(download.value.path()).read_text().splitlines()) == 4
    olga.get_by_role("button", name="Create 500 customers, leave 3 rows out").click()
    olga.wait_for_url("**/jobs/*")
    expect(olga.get_by_text("500").first).to_be_visible()
    olga.goto(portal.url + "/customers?search=energy")
    expect(olga.get_by_text("Constellation Energy")).to_be_visible()

    olga.get_by_role("button", name="New Customer").click()
    dialog = olga.get_by_role("dialog")
    dialog.get_by_label("Company name").fill("Fabrikam")
    dialog.get_by_label("Account number").fill("66740")
    dialog.get_by_label("E-mail address").fill("ada@fabrikam.example")
    dialog.locator("[type=submit]").click()
    expect(dialog.get_by_text("Another customer has this account number.")).to_be_visible()
    dialog.get_by_label("Account number").fill("F-1")
    dialog.locator("[type=submit]").click()
    expect(dialog.get_by_text("An invitation goes to ada@fabrikam.example")).to_be_visible()
    dialog.get_by_role("button", name="Create customer").click()
    expect(olga.get_by_role("heading", name="Fabrikam")).to_be_visible()
    assert not [text for text in olga.complaints if "Content Security Policy" in text]
