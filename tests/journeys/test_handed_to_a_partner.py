"""Operator, partner and customer in a real browser: handed over, seen exactly, withdrawn, refused with the reason."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pyotp
from playwright.sync_api import expect

from tests.browser import PASSWORD, invited, set_password, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.portal import Portal

OPERATOR, PARTNER, CUSTOMER = "otto@operator.example", "paula@harbour.example", "clara@quayside.example"
HANDED = ["Quayside Bakery", "Quayside Books", "Quayside Clinic"]
KEPT = ["Inland Farm", "Inland Mill"]


def test_all_of_one_search_go_to_a_partner_and_a_customer_withdraws(
    old_portal: Portal, open_page: Callable[..., Page]
) -> None:
    old_portal.start()
    operator = sign_in(old_portal, open_page(), OPERATOR)
    make_customers(old_portal)
    make_partner(old_portal, operator)
    partner = enrolled(old_portal, set_password(old_portal, open_page(), invited(old_portal, operator, PARTNER)))
    transfer_all_of_the_search(old_portal, operator)
    partner = sign_in_again_with_the_app(old_portal, *partner)
    sees_exactly(old_portal, partner, HANDED)
    cannot_transfer(old_portal, partner)
    customer = set_password(old_portal, open_page(), invited(old_portal, operator, CUSTOMER))
    number = number_of(customer)
    withdraw_operator_access(customer)
    refused_with_the_reason(old_portal, operator, number)
    release(old_portal, operator)
    sees_exactly(old_portal, partner, HANDED[1:])
    assert partner.complaints == customer.complaints == []


def make_customers(portal: Portal) -> None:
    for number, name in enumerate([*HANDED, *KEPT]):
        admin = ("--admin-email", CUSTOMER) if name == HANDED[0] else ()
        portal.shell(
            "act", "new-customer", "--as", OPERATOR, "--name", name, "--account-number", f"J-{number}", *admin, "--json"
        )


def make_partner(portal: Portal, page: Page) -> None:
    page.goto(portal.url + "/partners/new")
    page.get_by_label("Name", exact=True).fill("Harbour Partners")
    page.get_by_label("E-mail address").fill(PARTNER)
    for group in ("Gateway pools", "Operator profiles"):
        page.get_by_role("group", name=group).get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Create partner").click()
    expect(page.get_by_text("You are in Harbour Partners as")).to_be_visible()


def enrolled(portal: Portal, page: Page) -> tuple[Page, str]:
    page.goto(portal.url + "/account/second-factor/app")
    secret = page.locator("p code").inner_text().replace(" ", "")
    page.get_by_label("The code that the app shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up the app").click()
    page.get_by_role("link", name="I have kept them").click()
    return page, secret


def transfer_all_of_the_search(portal: Portal, page: Page) -> None:
    page.goto(portal.url + "/customers?search=Quayside")
    page.locator("thead input[type=checkbox]").check()
    page.locator("#selection-actions").click()
    page.get_by_role("menuitem", name="Transfer to Partner").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Partner", exact=True).select_option(label="Harbour Partners")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.locator(".tally-change strong")).to_have_text("3")
    plan = dialog.get_by_role("region", name="Plan")
    expect(plan.locator("tbody tr")).to_have_count(3)
    expect(plan.get_by_role("row", name="Quayside").first).to_contain_text("– → Harbour Partners")
    dialog.get_by_role("button", name=re.compile("Transfer 3 customers")).click()
    expect(page.get_by_role("link", name="Open job").last).to_be_visible()


def sign_in_again_with_the_app(portal: Portal, page: Page, secret: str) -> Page:
    """A code that was taken is not taken twice: the next one is due within half a minute."""
    page.context.clear_cookies()
    page.goto(portal.url + "/sign-in")
    page.get_by_label("E-mail address").fill(PARTNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/factor")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(int(time.time()) + 30))
    page.keyboard.press("Enter")
    page.wait_for_url(portal.url + "/customers")
    return page


def sees_exactly(portal: Portal, page: Page, names: list[str]) -> None:
    page.goto(portal.url + "/customers")
    rows = page.locator("table.customers tbody tr")
    expect(rows).to_have_count(len(names))
    for name in names:
        expect(rows.filter(has_text=name)).to_have_count(1)
    assert not [name for name in KEPT if name in page.content()]


def cannot_transfer(portal: Portal, page: Page) -> None:
    page.locator("thead input[type=checkbox]").check()
    page.locator("#selection-actions").click()
    expect(page.get_by_role("menuitem", name="Update Customer Alerts")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Transfer to Partner")).to_have_count(0)
    answer = page.evaluate(
        """async () => (await fetch("/api/v1/actions/transfer-to-partner", {method: "POST", body: "{}",
           headers: {"Content-Type": "application/json"}})).status"""
    )
    assert answer == 403
    page.complaints.clear()  # the browser writes down that 403
    page.goto(portal.url + "/customers")


def withdraw_operator_access(page: Page) -> None:
    page.goto(page.url.partition("?")[0] + "/settings")
    box = page.get_by_label("Operator support access")
    box.uncheck()
    page.locator("form", has=box).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.").first).to_be_visible()


def number_of(page: Page) -> str:
    """A customer's user lands on his own customer."""
    return page.url.partition("?")[0].rpartition("/")[2]


def refused_with_the_reason(portal: Portal, page: Page, number: str) -> None:
    """The row stays in the list; what is behind it is closed, and says who closed it."""
    page.goto(portal.url + "/customers?search=Quayside Bakery")
    expect(page.locator("table.customers tbody tr")).to_have_count(1)
    expect(page.get_by_label("Has withdrawn operator access")).to_be_visible()
    for path in ("", "/settings", "/events", "/users"):
        page.goto(f"{portal.url}/customers/{number}{path}")
        expect(page.get_by_text(f"{HANDED[0]} has withdrawn operator access.")).to_be_visible()


def release(portal: Portal, page: Page) -> None:
    page.goto(portal.url + "/customers?search=Quayside Bakery")
    page.locator("table.customers tbody input[type=checkbox]").first.check()
    page.locator("#selection-actions").click()
    page.get_by_role("menuitem", name="Release from Partner").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_text("nobody but the customer can enter it then")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("Release 1 customer")).click()
    expect(page.get_by_role("link", name="Open job").last).to_be_visible()
