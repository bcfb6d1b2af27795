"""A person's way through single sign-on in a real browser: settings, the address, the provider, and back."""

import pytest
from playwright.sync_api import expect

from tests.browser import accessibility_faults, sign_in
from tests.oidc import CLIENT, SECRET
from tests.portal import Portal, remove_home


@pytest.fixture
def sso_portal(copied_home):
    """A portal that may ask a provider on loopback."""
    running = Portal(copied_home, BAILIWICK_SSO_PRIVATE="1")
    running.start()
    yield running
    running.stop()
    remove_home(copied_home)


def test_from_the_settings_to_the_first_sign_in(sso_portal, oidc, open_page):
    site, faults = sso_portal.url, []
    olga = sign_in(sso_portal, open_page(), "olga@operator.example")

    def look(page, where):
        faults.extend(f"{where}: {fault}" for fault in accessibility_faults(page))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{where} scrolls sideways")

    olga.goto(site + "/users")
    olga.get_by_role("link", name="Single sign-on").click()
    olga.wait_for_url(site + "/single-sign-on")
    look(olga, "the list, empty")
    olga.get_by_role("link", name="Add an identity provider").click()
    olga.wait_for_url(site + "/single-sign-on/new")
    look(olga, "the form")
    olga.get_by_label("E-mail domain").fill("operator.example")
    olga.get_by_label("Issuer").fill(oidc.issuer)
    olga.get_by_label("Client ID").fill(CLIENT)
    olga.get_by_label("Client secret").fill(SECRET)
    olga.get_by_label("Create users at first sign-in").check()
    olga.get_by_label("Their role").select_option("support")
    olga.get_by_role("button", name="Save").click()
    expect(olga.get_by_role("link", name="operator.example")).to_be_visible()
    olga.set_viewport_size({"width": 390, "height": 844})
    look(olga, "the list")

    grace = open_page()
    grace.goto(site + "/sign-in?next=/events")
    look(grace, "the address")
    grace.get_by_label("E-mail address").fill("grace@operator.example")
    grace.get_by_role("button", name="Continue").click()
    grace.wait_for_url(site + "/events")
    expect(grace.get_by_role("heading", name="Events")).to_be_visible()
    grace.goto(site + "/account/second-factor")
    expect(grace.get_by_text("through your organisation")).to_be_visible()

    olga.goto(site + "/users")
    expect(olga.get_by_role("row", name="grace@operator.example")).to_contain_text("Single sign-on")
    other = open_page()
    other.goto(site + "/sign-in")
    other.get_by_role("link", name="Use a password").click()
    expect(other.get_by_label("Password")).to_be_visible()
    assert faults == []
    assert not [text for page in (olga, grace, other) for text in page.complaints if "Content Security Policy" in text]


def test_who_comes_back_with_nothing_is_told_where_to_go(portal, open_page):
    page = open_page()
    page.goto(portal.url + "/sign-in/back?state=x&code=y")
    page.wait_for_url(portal.url + "/sign-in/back")
    expect(page.get_by_role("heading")).to_contain_text("did not work")
    assert accessibility_faults(page) == []
    page.get_by_role("link", name="Back to sign-in").click()
    expect(page.get_by_label("E-mail address")).to_be_visible()
