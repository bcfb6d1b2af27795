"""Actions, jobs and a customer's pages in a real browser: by keyboard, by mouse, wide and narrow, light and dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility_faults, sign_in
from tests.portal import copied, prepared, started

EMAIL = "olga@operator.example"
CROWD = 1_200


@pytest.fixture(scope="module")
def crowd():
    """A portal with more customers than one chunk holds, none of them with an edge."""
    yield from started(copied(prepared("large-crowd", seed)))


def seed(portal):
    portal.shell("seed", "--customers", str(CROWD), "--edges", "0")
    portal.shell("act", "export-customer-edge-inventory", "--json")


@pytest.fixture
def page(crowd, open_page):
    page = sign_in(crowd, open_page(), EMAIL)
    page.goto(crowd.url + "/customers?limit=25&sort=name")
    yield page
    assert page.complaints == []


def tick(page, *rows):
    for row in rows:
        page.locator("tbody .tick input").nth(row).click()


def choose(page, label):
    page.locator("#selection [data-actions]").click()
    page.get_by_role("menuitem", name=label).click()


def dialog(page):
    return page.locator("#dialog dialog")


def preview(page, way):
    dialog(page).get_by_label(way, exact=True).check()
    dialog(page).get_by_role("button", name="Preview").click()
    expect(dialog(page)).to_contain_text("will change")


def focused_inside(page):
    return page.evaluate("document.activeElement.closest('dialog') !== null")


def test_an_action_is_worked_by_keyboard_alone(page):
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.get_by_role("menuitem", name="Update Customer Alerts")).to_be_visible()
    item = page.get_by_role("menuitem", name="Update Customer Alerts")
    for _step in range(12):
        page.keyboard.press("ArrowDown")
        if item.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_visible()
    assert focused_inside(page)
    for _step in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body") or focused_inside(page)
    dialog(page).get_by_label("Deactivate").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(dialog(page)).to_contain_text("on → off")
    expect(dialog(page).get_by_role("button", name="Deactivate alerts of 1 customer")).to_be_focused()
    page.keyboard.press("Enter")
    toast = page.locator("#toasts [data-toast]")
    expect(toast).to_contain_text("Deactivate customer alerts · 1 changed")
    expect(dialog(page)).to_have_count(0)
    expect(page.locator("#actions")).to_be_focused()
    toast.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Undo: Deactivate customer alerts · 1 changed")


def test_escape_closes_the_dialog_and_changes_nothing(page):
    tick(page, 0, 1)
    choose(page, "Delete Customer")
    expect(dialog(page)).to_contain_text("2 will change")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.locator("[data-selection-says]")).to_have_text("2 customers are selected.")


def test_del02_del03_the_button_stays_closed_until_the_number_is_typed(page, crowd):
    tick(page, 0, 1, 2)
    names = [page.locator("tbody tr").nth(row).locator(".col-name a").inner_text() for row in range(3)]
    choose(page, "Delete Customer")
    button = dialog(page).get_by_role("button", name="Delete 3 customers")
    number = dialog(page).get_by_label("Type 3, the number of selected customers")
    expect(number).to_be_focused()
    for typed in ("", "2", "33", "three", "3x"):
        number.fill(typed)
        expect(button).to_be_disabled()
    number.fill("3")
    expect(button).to_be_enabled()
    button.click()
    # A small job ends in the request, with a message; on a busy machine the worker ends it, and its dialog says so.
    expect(page.locator("#toasts, #dialog").filter(has_text="3 changed")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("tbody")).not_to_contain_text(names[0])
    page.goto(crowd.url + "/customers/deleted")
    assert accessibility_faults(page) == []
    page.get_by_role("button", name=f"Restore {names[0]}", exact=True).click()
    dialog(page).get_by_role("button", name="Restore 1 customer").click()
    expect(page.locator("#bin")).not_to_contain_text(names[0])
    for name in names[1:]:
        page.get_by_label(f"Select {name}", exact=True).check()
    page.get_by_role("button", name="Restore the selected").click()
    dialog(page).get_by_role("button", name="Restore 2 customers").click()
    expect(page.locator("#bin")).to_contain_text("The bin is empty")


def test_a_double_click_makes_one_job(page, crowd):
    tick(page, 4)
    choose(page, "Update Pre-Notifications")
    preview(page, "Deactivate")
    page.evaluate("const b = document.querySelector('dialog [type=submit]'); b.click(); b.click();")
    expect(page.locator("#toasts [data-toast]").first).to_contain_text("Deactivate pre-notifications · 1 changed")
    expect(page.locator("#selection")).to_be_hidden()  # the next action begins with no row
    expect(page.locator("tbody .tick input:checked")).to_have_count(0)
    page.goto(crowd.url + "/jobs?action=update-pre-notifications")
    expect(page.locator("table.jobs tbody tr")).to_have_count(1)


def test_a_large_job_reaches_100_percent_and_is_undone(page, crowd):
    page.locator("[data-tick-page]").click()
    page.locator("[data-select-matching]").click()
    choose(page, "Update Customer Alerts")
    preview(page, "Deactivate")
    changing = dialog(page).locator(".tally-change strong").inner_text()
    expect(dialog(page).locator("h2")).to_contain_text(f"{CROWD:,} customers")
    dialog(page).get_by_role("button", name="Back").click()
    preview(page, "Deactivate")
    dialog(page).locator("[type=submit]").click()
    expect(dialog(page)).to_contain_text("100 %", timeout=20_000)
    expect(dialog(page)).to_contain_text(f"{changing} changed")
    dialog(page).get_by_role("link", name="Open job").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Deactivate customer alerts · {changing} changed")
    expect(page.locator("#job-rows tbody tr")).to_have_count(100)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#job-rows tbody tr")).to_have_count(200)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undo: Deactivate customer alerts", timeout=20_000)
    expect(page.locator("#job-live")).to_contain_text("100 %", timeout=20_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{changing} changed")
    expect(page.locator("#job-rows")).to_contain_text("off → on")


def test_mod10_two_operators_at_once_see_both_values_and_choose(page, crowd, open_page):
    link = page.locator("tbody .col-name a").nth(7).get_attribute("href")
    other = sign_in(crowd, open_page(), EMAIL)
    for window in (page, other):
        window.goto(f"{crowd.url}{link}/settings")
    page.get_by_label("Contact name").fill("First")
    page.get_by_role("button", name="Save Contact").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    other.get_by_label("Contact name").fill("Second")
    other.get_by_role("button", name="Save Contact").click()
    expect(other.get_by_role("alert")).to_contain_text("Nothing was saved.")
    expect(other.get_by_label("Contact name")).to_have_value("Second")
    other.get_by_role("button", name="Take theirs").click()
    expect(other.get_by_label("Contact name")).to_have_value("First")
    other.get_by_role("button", name="Take mine").click()
    other.get_by_role("button", name="Save Contact").click()
    expect(other.locator("#toasts")).to_contain_text("Saved.")
    other.get_by_label("Company name").fill("Renamed while open")
    other.get_by_role("button", name="Save General").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Renamed while open")
    page.get_by_label("Description").evaluate("box => { box.style.height = '12rem'; }")  # as its corner is dragged
    page.get_by_label("Description").fill("Mine")
    page.get_by_role("button", name="Save General").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved.")
    page.complaints.clear()  # the browser writes down that 409
    other.goto(f"{crowd.url}{link}/events")
    expect(other.locator("table.history")).to_contain_text("First → Second")


def test_a_wrong_answer_is_said_beside_the_field_and_focused(page):
    tick(page, 0)
    choose(page, "New Customer")
    dialog(page).get_by_label("Company name").fill("Fabrikam")
    dialog(page).get_by_label("Account number").fill("F-1")
    wrong = dialog(page).get_by_label("E-mail").first
    wrong.fill("nobody")
    dialog(page).get_by_role("button", name="Preview").click()
    expect(wrong).to_be_focused()
    assert wrong.get_attribute("aria-invalid") == "true"
    described = wrong.get_attribute("aria-describedby").split()
    assert any("address" in page.locator(f"#{found}").inner_text() for found in described)
    page.complaints[:] = [text for text in page.complaints if "422" not in text]


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (320, "dark")])
def test_every_page_is_accessible_and_none_scrolls_sideways(crowd, open_page, width, scheme):
    page = sign_in(crowd, open_page(width=width, color_scheme=scheme), EMAIL)
    page.goto(crowd.url + "/customers?limit=25")
    customer = page.locator("tbody .col-name a").first.get_attribute("href")
    page.goto(crowd.url + "/jobs")
    job = page.locator("table.jobs a").first.get_attribute("href")
    for path in ("/jobs", job, customer, f"{customer}/settings", f"{customer}/events", "/customers/deleted"):
        page.goto(crowd.url + path)
        page.wait_for_load_state("networkidle")
        assert accessibility_faults(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"
        assert re.fullmatch(r"\S.* · Bailiwick", page.title())
    page.goto(crowd.url + "/customers?limit=25")
    tick(page, 0, 1)
    choose(page, "Update Customer Alerts")
    expect(dialog(page)).to_be_visible()
    assert accessibility_faults(page) == []
    preview(page, "Deactivate")
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    choose(page, "Update Edge Image Management")
    preview(page, "Activate")
    expect(dialog(page)).to_contain_text("present default")
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    choose(page, "Delete Customer")
    expect(dialog(page)).to_contain_text("Type 2")
    assert accessibility_faults(page) == []
    assert page.complaints == []


def test_new_05_the_way_on_stays_closed_until_every_required_field_is_filled(page):
    tick(page, 0)
    choose(page, "New Customer")
    way_on = dialog(page).get_by_role("button", name="Preview")
    expect(way_on).to_be_disabled()
    expect(dialog(page)).to_contain_text("must be filled in")
    dialog(page).get_by_label("Company name").fill("Fabrikam")
    expect(way_on).to_be_disabled()
    dialog(page).get_by_label("Account number").fill("F-1")
    expect(way_on).to_be_enabled()
    dialog(page).get_by_label("Company name").fill("  ")
    expect(way_on).to_be_disabled()
