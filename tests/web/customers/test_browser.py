"""The customers list in a real browser, by keyboard and by mouse, wide and narrow, light and dark."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser import WINDOWS, accessibility_faults, sign_in, window_name
from tests.portal import copied, prepared, started

EMAIL = "olga@operator.example"


@pytest.fixture(scope="module")
def crowd():
    """A portal with 125 customers, five of which have no edge."""
    yield from started(copied(prepared("crowd", seed)))


def seed(portal):
    portal.shell("seed", "--customers", "120", "--edges", "900")
    portal.shell("seed", "--customers", "5", "--edges", "0")


@pytest.fixture
def page(crowd, open_page):
    page = sign_in(crowd, open_page(), EMAIL)
    page.goto(crowd.url + "/customers?limit=25")
    yield page
    assert page.complaints == []


def total(page):
    return page.locator(".grid-total")


def says(page):
    return page.locator("[data-selection-says]")


def test_the_list_is_worked_by_keyboard_alone(page, crowd):
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(says(page)).to_contain_text("2 customers are selected.")
    expect(page.locator("tbody tr").nth(1)).to_be_focused()
    page.keyboard.press("Space")
    name = page.locator("tbody tr").nth(1).locator(".col-name a").inner_text()
    expect(page.locator("#panel h2")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tbody tr").first).to_be_focused()
    page.keyboard.press("a")
    expect(page.get_by_role("menuitem", name="Delete Customer")).to_contain_text("2")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("zzzz-nothing")
    expect(page.get_by_text("No customer matches")).to_be_visible()
    page.locator("#search").fill("")
    expect(total(page)).to_contain_text("125 customers")
    page.locator("tbody tr").first.focus()
    name = page.locator("tbody tr").first.locator(".col-name a").inner_text()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_selection_stays_over_pages_sorts_and_a_visit_to_a_customer(page):
    page.locator("tbody .tick input").first.check()
    page.get_by_label("Next page").click()
    expect(total(page)).to_contain_text("26–50")
    page.locator("tbody .tick input").first.check()
    expect(says(page)).to_have_text("2 customers are selected. Not on this page: 1.")
    page.get_by_role("link", name="Account").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Account")
    expect(says(page)).to_contain_text("2 customers are selected.")
    page.locator("tbody .col-name a").first.click()
    page.go_back()
    expect(says(page)).to_contain_text("2 customers are selected.")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.locator("#selection")).to_be_hidden()


def test_a_page_then_everything_that_matches_is_selected_and_posted(page):
    page.locator("[data-tick-page]").check()
    expect(says(page)).to_have_text("25 on this page are selected.")
    page.get_by_role("button", name="Select all 125 that match").click()
    expect(says(page)).to_have_text("All 125 that match are selected.")
    page.locator("#selection-actions").click()
    with page.expect_request(re.compile("/actions/.*/dialog")) as asked:
        page.get_by_role("menuitem", name="Update Customer Alerts").click()
    assert "select=%7B%22matching%22%3A%7B%7D%7D" in asked.value.post_data
    expect(page.locator("#dialog dialog")).to_be_visible()
    page.keyboard.press("Escape")
    # Another filter is another "everything": nothing is selected then.
    page.locator("#search").fill("mining")
    expect(page.locator("#selection")).to_be_hidden()


def test_rel_04_a_ticked_direct_customer_closes_the_release(page, crowd):
    page.goto(crowd.url + "/customers?partner=none")
    page.locator("tbody .tick input").first.check()
    page.locator("#selection-actions").click()
    release = page.get_by_role("menuitem", name="Release from Partner")
    expect(release).to_have_attribute("aria-disabled", "true")
    expect(release).to_have_attribute("title", "Has no partner.")


def test_shift_ticks_a_span_and_one_row_can_be_taken_out_of_everything(page):
    ticks = page.locator("tbody .tick input")
    ticks.nth(1).click()
    ticks.nth(5).click(modifiers=["Shift"])
    expect(says(page)).to_have_text("5 customers are selected.")
    page.locator("[data-tick-page]").check()
    page.get_by_role("button", name="Select all 125 that match").click()
    ticks.nth(0).uncheck()
    expect(says(page)).to_have_text("24 customers are selected.")


def test_filters_are_chips_in_the_address_and_back_and_forward_work(page, crowd):
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("Edges down, at least").fill("1")
    page.get_by_label("State", exact=True).select_option("down")
    page.get_by_label("Column").select_option("name")
    page.get_by_label("Comparison").select_option("notContains")
    page.get_by_label("Value").fill("zzz")
    page.get_by_role("button", name="Show matching customers").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".chip")).to_have_count(3)
    for part in ("edges_down_min=1", "state=down", "name.notContains=zzz"):
        assert part in page.url
    filtered = total(page).inner_text()
    page.locator(".chip", has_text="State").click()
    expect(page.locator(".chip")).to_have_count(2)
    assert "state=" not in page.url
    page.go_back()
    expect(page.locator(".chip")).to_have_count(3)
    expect(total(page)).to_have_text(filtered)
    page.go_forward()
    expect(page.locator(".chip")).to_have_count(2)
    page.reload()
    expect(page.locator(".chip")).to_have_count(2)


def test_the_partner_picker_is_type_ahead_from_the_server(page):
    page.locator("tbody .col-partner a").first.wait_for()
    name = page.locator("tbody .col-partner a").first.inner_text()
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("combobox", name="Partner").fill(name[:5])
    page.get_by_role("option", name=name, exact=True).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show matching customers").click()
    expect(page.locator(".chip")).to_contain_text("Partner:")
    partners = set(page.locator("tbody .col-partner").all_inner_texts())
    assert len(partners) == 1


def test_lst_05_columns_are_chosen_moved_and_kept(page, crowd):
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="City").check()
    page.get_by_role("checkbox", name="Gateway pool").uncheck()
    page.get_by_label("Move State up").click()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="City")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Gateway pool")).to_have_count(0)
    page.goto(crowd.url + "/customers")
    heads = page.get_by_role("columnheader").all_inner_texts()
    assert [head.casefold() for head in heads if head.strip()][:4] == ["customer", "account", "state", "partner"]
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Show the usual columns").click()
    expect(page.get_by_role("columnheader", name="City")).to_have_count(0)


def test_a_view_is_kept_and_opened_again(page, crowd):
    page.goto(crowd.url + "/customers?edges_down_min=1&sort=-edges_down")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("button", name="Keep this view").click()
    page.get_by_label("Name of the view").fill("Night <b>shift</b>")
    with page.expect_navigation(url=re.compile("edges_down_min=1")):
        page.get_by_role("button", name="Keep the view").click()
    page.goto(crowd.url + "/customers")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="Night <b>shift</b>", exact=True).click()
    expect(page.locator(".chip")).to_contain_text("Edges down ≥ 1")
    assert "sort=-edges_down" in page.url


def test_the_page_size_is_kept(page, crowd):
    page.get_by_label("Rows").select_option("100")
    expect(total(page)).to_contain_text("1–100")
    page.goto(crowd.url + "/customers")
    expect(total(page)).to_contain_text("1–100")
    page.get_by_label("Rows").select_option("50")
    expect(total(page)).to_contain_text("1–50")


def test_ctrl_k_finds_a_customer_and_opens_it(page):
    name = page.locator("tbody .col-name a").nth(3).inner_text()
    page.keyboard.press("Control+k")
    expect(page.locator("[data-search-field]")).to_be_focused()
    page.keyboard.type(name)
    expect(page.locator("#found").get_by_role("link", name=name).first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))


@pytest.mark.parametrize("typed", ["", "a"])
def test_escape_closes_ctrl_k_whatever_is_typed(page, typed):
    page.locator("tbody .tick input").first.check()
    for on_a_result in (False, True) if typed else (False,):
        page.keyboard.press("Control+k")
        expect(page.locator(".search-dialog [data-search-field]")).to_be_focused()
        page.keyboard.type(typed)
        if on_a_result:
            expect(page.locator("#found [data-found]").first).to_be_visible()
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
        expect(page.locator(".search-dialog")).to_have_count(0)
    expect(says(page)).to_contain_text("1 customer is selected.")


def test_a_refresh_keeps_the_scroll_and_the_selection(page, crowd):
    page.goto(crowd.url + "/customers?limit=100")
    page.locator("tbody .tick input").nth(50).check()
    page.evaluate("document.querySelector('.grid-scroll').scrollTop = 700")
    with page.expect_response(re.compile("/customers")):
        page.get_by_label("Refresh").click()
    scrolled = [0]
    while scrolled[-1] != 700 and len(scrolled) < 50:  # the rows are swapped a moment after the answer
        page.wait_for_timeout(100)
        scrolled.append(page.evaluate("document.querySelector('.grid-scroll').scrollTop"))
    assert scrolled[-1] == 700
    expect(says(page)).to_have_text("1 customer is selected.")


def test_deleted_customers_leave_the_selection_and_the_list_at_once(page, crowd):
    page.goto(crowd.url + "/customers?edges_max=0&sort=name")
    page.locator("tbody .tick input").nth(0).click()
    page.locator("tbody .tick input").nth(1).click()
    page.locator("#selection-actions").click()
    page.get_by_role("menuitem", name="Delete Customer").click()
    page.locator("#dialog input[type=text], #dialog input:not([type])").last.fill("2")
    page.get_by_role("button", name="Delete 2 customers").click()
    expect(page.locator("#dialog dialog")).to_have_count(0)
    expect(page.locator("#selection")).to_be_hidden()
    with page.expect_response(re.compile("/undo")):
        page.locator("#toasts").get_by_role("button", name="Undo").click()
    page.goto(crowd.url + "/customers")
    expect(total(page)).to_contain_text("125 customers")


def test_the_theme_is_switched_and_kept(page):
    page.get_by_label("Theme").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("window", WINDOWS, ids=window_name)
def test_axe_finds_nothing_on_the_list_its_dialogs_and_its_panel(crowd, open_page, window):
    page = sign_in(crowd, open_page(**window), EMAIL)
    page.goto(crowd.url + "/customers?edges_min=1&limit=25")
    page.locator("tbody .tick input").first.check()
    assert accessibility_faults(page) == []
    page.locator("tbody tr").first.focus()
    page.keyboard.press("Space")
    page.locator("#panel h2").wait_for()
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    for button in ("Filter", "Columns"):
        page.get_by_role("button", name=button, exact=True).click()
        page.locator("#dialog dialog[open]").wait_for()
        assert accessibility_faults(page) == []
        page.keyboard.press("Escape")
    assert page.complaints == []


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_shows_the_list_without_sideways_scrolling_of_the_page(crowd, open_page, width):
    page = sign_in(crowd, open_page(width=width, height=844), EMAIL)
    page.goto(crowd.url + "/customers?edges_down_min=0")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Open the menu").click()
    expect(page.get_by_role("link", name="Jobs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Jobs")).to_be_hidden()


def test_back_to_a_list_that_a_script_filtered_shows_the_whole_page(page, crowd):
    page.locator("#search").fill("mining")
    expect(page).to_have_url(re.compile("search=mining"))
    page.locator("tbody .col-name a").first.click()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    page.go_back()
    expect(page.locator("#search")).to_have_value("mining")
    expect(page.locator(".rail")).to_be_visible()
    assert json.loads(page.locator("#list").get_attribute("data-filter")) == {"search": "mining"}


def test_columns_are_made_wider_by_mouse_and_by_keyboard_and_stay_so(page, crowd):
    edge = page.get_by_role("separator", name="Width of Account")
    before = edge.bounding_box()
    page.mouse.move(before["x"] + 4, before["y"] + 5)
    page.mouse.down()
    page.mouse.move(before["x"] + 104, before["y"] + 5, steps=4)
    page.mouse.up()
    wide = int(edge.get_attribute("aria-valuenow"))
    edge.focus()
    with page.expect_response("**/customers/width"):
        page.keyboard.press("ArrowLeft")
    expect(edge).to_have_attribute("aria-valuenow", str(wide - 16))
    page.reload()
    expect(edge).to_have_attribute("aria-valuenow", str(wide - 16))
    with page.expect_response("**/customers/width"):
        edge.dblclick()
    assert edge.bounding_box()["x"] < before["x"] + 20


def test_a_page_is_opened_by_its_number(page):
    page.get_by_role("spinbutton", name="Page").fill("5")
    page.keyboard.press("Enter")
    expect(total(page)).to_contain_text("101–125")
    page.go_back()
    expect(total(page)).to_contain_text("1–25")


def test_a_column_is_compared_in_the_ways_of_its_kind(page):
    page.get_by_role("button", name="Filter").click()
    comparison = page.get_by_label("Comparison")
    expect(comparison).to_be_disabled()
    page.get_by_label("Column").select_option(label="Edges")
    assert "contains" not in comparison.locator("option:not([hidden])").all_inner_texts()
    comparison.select_option(label="≥")
    page.get_by_label("Column").select_option(label="City")
    expect(comparison).to_have_value("is")
