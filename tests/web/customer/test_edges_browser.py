"""The edges of a customer in a real browser: made in the dialog, found on the map, wide and narrow, light and dark."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import WINDOWS, accessibility_faults, sign_in, window_name

# Another test makes one more, perhaps before.
NO_PLACE = re.compile("1 edge has no place on the map|2 edges have no place on the map")
PICTURES = os.environ.get("PICTURES", "")
PLACES = (("Lyon", 4.84, 45.76), ("Bron", 4.91, 45.73), ("Oslo", 10.75, 59.91), ("Nowhere", None, None))


def ask(portal: Any, token: str, path: str, body: Any) -> Any:
    request = urllib.request.Request(
        portal.url + "/api/v1" + path, data=json.dumps(body).encode(),
        headers={"Authorization": f"Token {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="session")
def edges(portal: Any) -> str:
    """A customer with three edges that have a place, and one that has none."""
    portal.shell("user", "create", "mapmaker@operator.example", "--role", "superuser")
    token = portal.shell("token", "create", "--user", "mapmaker@operator.example", "--name", "test").strip()
    params = {"name": "Mapped", "account_number": "M-1", "admin_email": "m@mapped.example", "admin_first_name": "M"}
    ask(portal, token, "/actions/new-customer", {"params": params})
    request = urllib.request.Request(
        portal.url + "/api/v1/customers?search=Mapped", headers={"Authorization": f"Token {token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        customer = json.loads(answer.read())["data"][0]["id"]
    for name, longitude, latitude in PLACES:
        at = {} if longitude is None else {"longitude": longitude, "latitude": latitude}
        ask(portal, token, f"/customers/{customer}/edges", {"name": name, **at})
    return f"{portal.url}/customers/{customer}/edges"


@pytest.mark.parametrize(("width", "height", "scheme"), [(1440, 900, "light"), (390, 844, "dark")])
def test_the_map_is_read_without_faults(
    portal: Any, edges: str, open_page: Any, width: int, height: int, scheme: str
) -> None:
    page = sign_in(portal, open_page(width=width, height=height, color_scheme=scheme), "maps@operator.example")
    page.goto(edges)
    page.get_by_role("link", name="Map", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text(NO_PLACE)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert accessibility_faults(page) == []
    land = page.locator("svg .land").evaluate("each => each.getBBox().width")
    assert land > 100  # the outlines are there
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"map-{width}-{scheme}.png"), full_page=True)
    assert page.complaints == []


@pytest.mark.parametrize("window", WINDOWS, ids=window_name)
def test_a_bundle_is_asked_for_and_why_not_is_said(portal: Any, edges: str, open_page: Any, window: Any) -> None:
    page = sign_in(portal, open_page(**window), "maps@operator.example")
    page.goto(edges)
    page.get_by_role("link", name="Lyon").click()
    page.get_by_role("link", name="Diagnostics").click()
    expect(page.get_by_text("This edge was not asked for a bundle yet.")).to_be_visible()
    page.get_by_role("button", name="Ask the edge").click()
    expect(page.get_by_role("alert")).to_have_text("This edge is not activated.")
    assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]
    assert accessibility_faults(page) == []
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"diagnostics-{window_name(window)}.png"), full_page=True)


def test_by_keyboard_from_the_world_to_one_edge(portal: Any, edges: str, open_page: Any) -> None:
    page = sign_in(portal, open_page(), "maps@operator.example")
    page.goto(edges + "?view=map")
    page.locator("svg a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Show the whole map")).to_be_visible()
    page.locator("svg a[aria-label^=Bron]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bron")).to_be_visible()


def test_a_new_edge_is_made_over_the_list_which_shows_it(portal: Any, edges: str, open_page: Any) -> None:
    page = sign_in(portal, open_page(), "maps@operator.example")
    page.goto(edges)
    page.get_by_role("link", name="New edge").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Make the edge")).to_be_disabled()
    dialog.get_by_label("Name").fill("LYON")
    dialog.get_by_role("button", name="Make the edge").click()
    expect(dialog.get_by_text("Another edge of this customer has this name.")).to_be_visible()
    assert accessibility_faults(page) == []
    dialog.get_by_label("Name").fill("Kiel")
    dialog.get_by_role("button", name="Make the edge").click()
    expect(dialog.get_by_label("Activation key")).to_be_visible()
    assert accessibility_faults(page) == []
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("link", name="Kiel")).to_be_visible()
    page.get_by_role("link", name="Kiel").click()
    assert accessibility_faults(page) == []
