"""Partners in a real browser: make one, see it, give it a default, delete it by its number; narrow and dark too."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser import WINDOWS, accessibility_faults, invited, set_password, sign_in, window_name

EMAIL = "petra@operator.example"


def picture(page, name: str) -> None:
    """For a look at the pages: PICTURES=folder keeps them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_partner_is_made_changed_and_deleted(portal, open_page):
    page = sign_in(portal, open_page(), EMAIL)
    page.get_by_role("link", name="Partners").click()
    page.get_by_role("link", name="New partner").click()
    expect(page.get_by_role("heading", name="New partner")).to_be_visible()
    assert accessibility_faults(page) == []
    picture(page, "new")
    page.get_by_label("Name", exact=True).fill("Northwind Partners")
    page.get_by_role("group", name="Gateway pools").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Create partner").click()
    expect(page.get_by_text("You are in Northwind Partners as")).to_be_visible()
    assert accessibility_faults(page) == []
    picture(page, "settings")
    page.get_by_label("Domain").fill("northwind.example")
    page.get_by_label("Default gateway pool").select_option(index=1)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Events", exact=True).last.click()
    expect(page.get_by_text("UPDATE_ENTERPRISE_PROXY")).to_be_visible()
    picture(page, "events")
    page.goto(portal.url + "/partners")
    assert accessibility_faults(page) == []
    picture(page, "list")
    the_list_is_sorted_and_selected_from(page)
    page.get_by_label("Select Northwind Partners").check()
    page.get_by_role("button", name="Delete the selected").click()
    dialog = page.locator("#dialog dialog")
    expect(dialog.get_by_role("button", name="Delete 1 partner")).to_be_disabled()
    picture(page, "delete")
    dialog.get_by_label("Type 1").fill("1")
    dialog.get_by_role("button", name="Delete 1 partner").click()
    expect(page.get_by_text("1 partner is deleted.")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Northwind Partners")).to_have_count(0)
    assert page.complaints == []


def the_list_is_sorted_and_selected_from(page) -> None:
    """Columns, sort, refresh and Add Operator Profile, by hand."""
    page.get_by_role("button", name="Columns").click()
    page.locator("#dialog dialog").get_by_role("checkbox", name="Operator profiles").check()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="Operator profiles")).to_be_visible()
    page.get_by_role("link", name="Customers", exact=True).last.click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Customers")
    page.get_by_label("Select Northwind Partners").check()
    page.get_by_role("button", name="Add operator profile").click()
    dialog = page.locator("#dialog dialog")
    dialog.get_by_role("checkbox").first.check()
    picture(page, "add-profiles")
    dialog.get_by_role("button", name="Add the profiles").click()
    expect(page.get_by_text("1 partner has more profiles.")).to_be_visible()
    page.get_by_role("button", name="Refresh").click()
    page.get_by_role("button", name="Clear").click()


@pytest.mark.parametrize("window", WINDOWS, ids=window_name)
def test_the_pages_fit_and_are_accessible(portal, open_page, window):
    page = sign_in(portal, open_page(**window), EMAIL)
    for name, path in (("list", "/partners"), ("new", "/partners/new"), ("offers", "/offers")):
        page.goto(portal.url + path)
        assert accessibility_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]
        picture(page, f"{name}-{window_name(window)}")
    assert page.complaints == []


def test_a_partner_is_asked_sees_the_name_and_accepts(portal, open_page):
    """Operator makes a partner and offers it a customer; its administrator accepts, and sees the name only."""
    operator = sign_in(portal, open_page(), EMAIL)
    operator.goto(portal.url + "/partners/new")
    operator.get_by_label("Name", exact=True).fill("Asked Partners")
    operator.get_by_label("E-mail address").fill("ada@asked.example")
    for group in ("Gateway pools", "Operator profiles"):
        operator.get_by_role("group", name=group).get_by_role("checkbox").first.check()
    operator.get_by_role("button", name="Create partner").click()
    partner = operator.url.rpartition("/")[2]
    ada = set_password(portal, open_page(), invited(portal, operator, "ada@asked.example"))
    portal.shell(
        "act", "new-customer", "--as", EMAIL, "--name", "Fabrikam Asked", "--account-number", "ASK-1", "--json"
    )
    operator.goto(portal.url + "/properties")
    form = operator.locator("form[action$='partnerAcceptsTransfers']")
    form.get_by_role("button", name="Switch on").click()
    customer = re.search(r"/customers/(\d+)", _row_of(portal, operator, "Fabrikam Asked"))[1]
    give = ("--partner", partner, "--partner-access", "false")
    portal.shell("act", "transfer-to-partner", "--as", EMAIL, "--ids", customer, *give, "--yes", "--json")
    assert "Fabrikam Asked" not in ada.content()
    ada.get_by_role("link", name="Offered customers").click()
    expect(ada.get_by_text("Your users see the name only.")).to_be_visible()
    assert accessibility_faults(ada) == []
    picture(ada, "offered")
    ada.get_by_label("Select Fabrikam Asked").check()
    ada.get_by_role("button", name="Accept the selected").click()
    ada.locator("#dialog dialog").get_by_role("button", name="Accept 1 customer").click()
    expect(ada.get_by_text("No customer is offered")).to_be_visible()
    ada.goto(portal.url + "/customers")
    expect(ada.get_by_text("Fabrikam Asked")).to_be_visible()
    expect(ada.get_by_label("Has not given its partner access")).to_be_visible()
    assert "ASK-1" not in ada.content()
    assert accessibility_faults(ada) == []
    picture(ada, "by-name")
    ada.get_by_role("link", name="Our settings").click()
    picture(ada, "own")
    assert accessibility_faults(ada) == []
    operator.goto(portal.url + "/properties")
    form.get_by_role("button", name="Switch off").click()
    assert ada.complaints == operator.complaints == []


def _row_of(portal, page, name: str) -> str:
    page.goto(f"{portal.url}/customers?search={name}")
    return page.get_by_role("link", name=name, exact=True).get_attribute("href")
