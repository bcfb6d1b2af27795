"""An operator's day in a real browser: import, find, change, undo, delete, restore, export."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.portal import Portal

expect.set_options(timeout=20_000)
SP500 = Path(__file__).parents[1] / "data" / "sp500.csv"


def test_the_walk_of_the_ground_floor(old_portal: Portal, open_page: Callable[..., Page]) -> None:
    old_portal.start()
    page = sign_in(old_portal, open_page(accept_downloads=True), "walker@operator.example")
    import_companies(page)
    switch_pre_notifications_off(page)
    undo_the_job(page)
    delete_three_and_restore_one(page)
    for separator in (";", "§"):
        export_and_read_back(page, separator)
    assert not page.complaints


def import_companies(page: Page) -> None:
    page.get_by_role("button", name="Import Customers").click()
    page.get_by_label("CSV file").set_input_files(SP500)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_label("Security", exact=True).select_option("name")
    page.get_by_label("Symbol").select_option("")
    page.get_by_label("CIK").select_option("account_number")
    page.get_by_label("Headquarters Location").select_option("location")
    page.get_by_role("button", name="Look at the result").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What this file would do")
    page.get_by_role("button", name="Create 500 customers, leave 3 rows out").click()
    expect(page.get_by_text("500 created")).to_be_visible()


def find_energy(page: Page) -> int:
    page.get_by_role("link", name="Customers", exact=True).first.click()
    page.wait_for_url("**/customers")
    page.keyboard.press("/")
    page.keyboard.type("energy")
    expect(page.locator(".grid-foot")).to_contain_text(re.compile(r"^\s*\d\d customers"))
    return page.locator("table.customers tbody tr").count()


def switch_pre_notifications_off(page: Page) -> None:
    found = find_energy(page)
    page.locator("thead input[type=checkbox]").check()
    page.locator("#selection-actions").click()
    page.get_by_role("menuitem", name="Update Pre-Notifications").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Deactivate").check()
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.locator(".tally-change strong")).to_have_text(str(found))
    dialog.get_by_role("button", name=f"Deactivate pre-notifications of {found} customers").click()
    page.get_by_role("link", name="Open job").last.click()
    expect(page.locator("strong", has_text="100 %")).to_be_visible()
    expect(page.get_by_text(f"{found} changed").first).to_be_visible()


def undo_the_job(page: Page) -> None:
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undo:")
    expect(page.locator("strong", has_text="100 %")).to_be_visible()


def delete_three_and_restore_one(page: Page) -> None:
    find_energy(page)
    for index in range(3):
        page.locator("table.customers tbody input[type=checkbox]").nth(index).check()
    page.locator("#selection-actions").click()
    page.get_by_role("menuitem", name="Delete Customer").click()
    dialog = page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete 3 customers")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Type 3").fill("2")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Type 3").fill("3")
    delete.click()
    expect(page.get_by_role("link", name="Open job").last).to_be_visible()
    page.goto(page.url.split("/customers")[0] + "/customers/deleted")
    page.get_by_role("button", name="Restore ").nth(0).click()
    dialog.get_by_role("button", name="Restore 1 customer").click()
    expect(page.locator("table tbody tr")).to_have_count(2)


def export_and_read_back(page: Page, separator: str) -> None:
    page.get_by_role("link", name="Customers", exact=True).first.click()
    page.get_by_role("button", name="Export").first.click()
    page.locator(".dropdown-menu.show").get_by_text("Export All Customers").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Separator").fill(separator)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export All Customers").click()
    text = Path(download.value.path()).read_bytes().decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert len(rows) == 1 + 500 - 3 + 1
    assert {len(row) for row in rows} == {32}
    names = {row["Security"] for row in csv.DictReader(SP500.read_text().splitlines())}
    assert len(names & {row[0] for row in rows}) == 498
