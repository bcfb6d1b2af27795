"""A person, a real browser and a real portal: invitation, password, sign-out, sign-in, another user's invitation."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PASSWORD, WINDOWS, accessibility_faults, set_password, sign_in, window_name

PAGES = (
    *("/account", "/account/password", "/users", "/roles", "/properties", "/mailbox", "/events"),
    *("/operator-profiles", "/operator-profiles/new", "/operator-profiles/1"),
    *("/software-images", "/software-images/new"),
    *("/gateways", "/gateways/new", "/gateway-pools", "/gateway-pools/new", "/gateway-pools/1"),
)


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


def test_from_the_invitation_to_the_next_sign_in(portal, page):
    link = portal.shell("user", "create", "olga@operator.example", "--role", "superuser").strip()
    page.goto(portal.url + "/link/" + link.rpartition("/")[2])
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("This password is too short")).to_be_visible()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.goto(portal.url + "/users")
    expect(page.get_by_role("heading", name="Users & roles")).to_be_visible()

    page.get_by_label("My account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(portal.url + "/sign-in")
    page.goto(portal.url + "/users")
    page.get_by_label("E-mail address").fill("olga@operator.example")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(portal.url + "/users")

    page.get_by_label("E-mail address").fill("sam@operator.example")
    page.get_by_label("Role").select_option("support")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status").first).to_contain_text("on its way")
    page.get_by_role("button", name="Change sam@operator.example").click()
    page.get_by_role("button", name="Disable and end all sessions").click()
    expect(page.get_by_role("row", name="sam@operator.example")).to_contain_text("Disabled")
    page.goto(portal.url + "/mailbox")
    page.get_by_role("row", name="sam@operator.example").get_by_role("link").click()
    expect(page.locator("pre")).to_contain_text("/link/")
    assert not [text for text in page.complaints if "Content Security Policy" in text]


def test_a_used_link_says_what_to_do(portal, page):
    link = portal.shell("user", "create", "stan@operator.example", "--role", "standard").strip()
    path = "/link/" + link.rpartition("/")[2]
    set_password(portal, page, path)
    page.goto(portal.url + path)
    expect(page.get_by_role("heading")).to_contain_text("does not work any more")


@pytest.mark.parametrize("window", WINDOWS, ids=window_name)
def test_every_page_is_accessible_and_fits_its_window(portal, open_page, window):
    page = sign_in(portal, open_page(**window), "viewer@operator.example")
    stranger = open_page(**window)
    faults = []
    for browser, path in [*((page, path) for path in PAGES), (stranger, "/sign-in"), (stranger, "/forgot-password")]:
        browser.goto(portal.url + path)
        faults += [f"{path}: {fault}" for fault in accessibility_faults(browser)]
        if browser.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{path} scrolls sideways")
    assert faults == []
    assert [text for text in (*page.complaints, *stranger.complaints) if "Content Security Policy" in text] == []
