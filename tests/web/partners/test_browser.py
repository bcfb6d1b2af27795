"""Partners in a real browser: make one, see it, give it a default, delete it by its number; narrow and dark too."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility_faults, sign_in

EMAIL = "olga@operator.example"


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


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light"), (390, "dark")])
def test_the_pages_fit_and_are_accessible(portal, open_page, width, scheme):
    page = sign_in(portal, open_page(width=width, color_scheme=scheme), EMAIL)
    for name, path in (("list", "/partners"), ("new", "/partners/new"), ("offers", "/offers")):
        page.goto(portal.url + path)
        assert accessibility_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, f"{name}-{width}-{scheme}")
    assert page.complaints == []
