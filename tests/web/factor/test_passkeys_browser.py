"""Passkeys in a real browser with a virtual authenticator: enrolling, the second page, signing in by passkey alone."""

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser import PASSWORD, WINDOWS, accessibility_faults, sign_in, window_name

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(portal):
    """The portal by a name: a passkey cannot be bound to an address of digits."""
    return portal.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def person(open_page):
    """A page whose browser has an authenticator."""

    def make(**window):
        page = open_page(**window)
        page.device = page.context.new_cdp_session(page)
        page.device.send("WebAuthn.enable")
        page.authenticator = page.device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})[
            "authenticatorId"
        ]
        return page

    return make


def by_password(site, page, email):
    page.goto(site + "/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def enrol_passkey(site, page, name="My laptop"):
    page.goto(site + "/account/second-factor")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("Your second factor is set up.")).to_be_visible()


def invited(portal, site, page, email):
    """Makes the user, and signs him in where passkeys work."""
    sign_in(portal, page, email)
    by_password(site, page, email)
    page.wait_for_url(site + "/customers")


def credentials(page):
    return page.device.send("WebAuthn.getCredentials", {"authenticatorId": page.authenticator})["credentials"]


def test_a_passkey_is_enrolled_asked_for_and_signs_in_alone(portal, site, person):
    page = person()
    invited(portal, site, page, "key@operator.example")
    enrol_passkey(site, page)
    assert page.locator("#codes li").count() == 10
    expect(page.get_by_role("textbox", name="Name")).to_have_value("My laptop")
    page.goto(site + "/account")
    page.context.clear_cookies()

    by_password(site, page, "key@operator.example")
    page.wait_for_url(site + "/sign-in/factor")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site + "/customers")
    page.context.clear_cookies()

    page.goto(site + "/sign-in?next=/events")
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site + "/events")
    page.goto(site + "/account/second-factor")
    page.get_by_role("textbox", name="Name").fill("Old laptop")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Old laptop")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("None yet")).to_be_visible()
    assert not [text for text in page.complaints if "Content Security Policy" in text]


def test_a_copied_key_is_refused_because_its_counter_stands_still(portal, site, person):
    page = person()
    invited(portal, site, page, "copy@operator.example")
    enrol_passkey(site, page)
    page.context.clear_cookies()
    before = credentials(page)[0]
    by_password(site, page, "copy@operator.example")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site + "/customers")
    page.context.clear_cookies()
    page.device.send("WebAuthn.clearCredentials", {"authenticatorId": page.authenticator})
    page.device.send("WebAuthn.addCredential", {"authenticatorId": page.authenticator, "credential": before})
    by_password(site, page, "copy@operator.example")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("not accepted")
    page.goto(site + "/account")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_an_answer_is_bound_to_its_challenge_its_page_and_its_account(portal, site, person):
    page = person()
    invited(portal, site, page, "first@operator.example")
    enrol_passkey(site, page)
    page.context.clear_cookies()
    by_password(site, page, "first@operator.example")
    page.wait_for_url(site + "/sign-in/factor")
    answers = []
    page.route("**/sign-in/factor", lambda route: (answers.append(route.request.post_data), route.continue_()))
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site + "/customers")
    page.unroute("**/sign-in/factor")
    page.context.clear_cookies()

    other = person()
    invited(portal, site, other, "second@operator.example")
    enrol_passkey(site, other, "Another")
    other.context.clear_cookies()
    recorded = answers[0]
    for email, browser in (("first@operator.example", page), ("second@operator.example", other)):
        by_password(site, browser, email)
        browser.wait_for_url(site + "/sign-in/factor")
        status = browser.evaluate(
            """async (body) => {
                const form = new URLSearchParams(body);
                form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
                return (await fetch("/sign-in/factor", {method: "POST", body: form, redirect: "manual"})).status;
            }""",
            recorded,
        )
        assert status == 401
    for rubbish in ("", "{}", "[]", "null", "x", '{"id": 1}', "[" * 5000, '{"rawId": "AAAA", "id": "AAAA"}'):
        other.goto(site + "/sign-in/factor")
        status = other.evaluate(
            """async (answer) => {
                const form = new URLSearchParams({passkey: answer});
                form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
                return (await fetch("/sign-in/factor", {method: "POST", body: form})).status;
            }""",
            rubbish,
        )
        assert status == 401


def test_an_unverified_person_does_not_sign_in_without_a_password(portal, site, person):
    page = person()
    invited(portal, site, page, "thief@operator.example")
    enrol_passkey(site, page)
    page.context.clear_cookies()
    page.device.send("WebAuthn.setUserVerified", {"authenticatorId": page.authenticator, "isUserVerified": False})
    page.goto(site + "/sign-in/passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-passkey-problem]")).to_be_visible()
    page.goto(site + "/account")
    expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("window", WINDOWS, ids=window_name)
def test_the_app_from_the_picture_to_the_next_sign_in_on_every_window(portal, site, person, window):
    page, email = person(**window), f"app-{window_name(window)}@operator.example"
    faults = []

    def look(where):
        faults.extend(f"{where}: {fault}" for fault in accessibility_faults(page))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{where} scrolls sideways")

    invited(portal, site, page, email)
    for path in (
        "/account/second-factor",
        "/account/second-factor/passkey",
        "/account/confirm",
        "/account/second-factor/app",
    ):
        page.goto(site + path)
        look(path)
    secret = page.locator("p code").inner_text().replace(" ", "")
    page.get_by_label("The code that the app shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Set up the app").click()
    look("the codes")
    code = page.locator("#codes code").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.goto(site + "/account/second-factor")
    look("with one")
    page.context.clear_cookies()
    by_password(site, page, email)
    page.wait_for_url(site + "/sign-in/factor")
    look("the second page")
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not right")).to_be_visible()
    look("the second page, refused")
    page.get_by_label("Code").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url(site + "/customers")
    assert faults == []
    assert not [text for text in page.complaints if "Content Security Policy" in text]
