"""People in a real browser: a customer's administrator, an operator who may look after users only when she lets him."""

import json
import os
import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import WINDOWS, accessibility_faults, by_password, invited, set_password, sign_in, window_name

PICTURES = os.environ.get("PICTURES", "")
CARLA = "carla@contoso.example"


def picture(page, name):
    """For people who look at pages: PICTURES=/tmp/x pytest …"""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def ask(portal, token, path, body, method="POST"):
    request = urllib.request.Request(
        portal.url + "/api/v1" + path,
        data=json.dumps(body).encode(),
        method=method,
        headers={"Authorization": f"Token {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


@pytest.fixture(scope="session")  # as its portal: a process may come to this module twice
def contoso(portal):
    """A customer with an administrator who was invited."""
    email = "maker@operator.example"
    portal.shell("user", "create", email, "--role", "superuser")
    token = portal.shell("token", "create", "--user", email, "--name", "test").strip()
    body = {"params": {"name": "Contoso", "account_number": "C-1", "admin_email": CARLA, "admin_first_name": "Carla"}}
    ask(portal, token, "/actions/new-customer", body)
    ask(portal, token, "/system-properties/session.options.enableRoleCustomization", {"value": True}, "PUT")
    with urllib.request.urlopen(
        urllib.request.Request(
            portal.url + "/api/v1/customers?search=Contoso", headers={"Authorization": f"Token {token}"}
        ),
        timeout=20,
    ) as answer:
        return json.loads(answer.read())["data"][0]["id"]


def test_a_customers_administrator_keeps_her_users_to_herself_until_she_lets_an_operator(portal, contoso, open_page):
    operator = sign_in(portal, open_page(), "people@operator.example")
    carla = set_password(portal, open_page(), invited(portal, operator, CARLA))
    carla.goto(portal.url + "/users")
    carla.get_by_label("E-mail address").fill("rita@contoso.example")
    carla.get_by_label("Role").select_option("customer-readonly")
    carla.get_by_role("button", name="Send the invitation").click()
    expect(carla.get_by_role("status").first).to_contain_text("on its way")
    expect(carla.get_by_role("row", name="rita@contoso.example")).to_contain_text("Invited")
    picture(carla, "customer-users")

    operator.goto(f"{portal.url}/customers/{contoso}")
    expect(operator.get_by_role("link", name="Administrators")).to_have_count(0)
    operator.goto(f"{portal.url}/customers/{contoso}/users")
    expect(operator.get_by_text("Contoso manages its users itself")).to_be_visible()
    operator.goto(portal.url + "/events?subject=contoso")
    assert CARLA not in operator.content()
    operator.goto(f"{portal.url}/customers/{contoso}/events")
    expect(operator.get_by_text("an administrator of Contoso").first).to_be_visible()
    picture(operator, "veiled-events")

    carla.goto(f"{portal.url}/customers/{contoso}/settings")
    carla.get_by_label("Operator user management").check()
    form = carla.locator("form", has=carla.get_by_label("Operator user management"))
    form.get_by_role("button", name="Save").click()
    expect(carla.get_by_text("Saved.").first).to_be_visible()
    operator.goto(f"{portal.url}/customers/{contoso}")
    operator.get_by_role("link", name="Administrators").click()
    operator.get_by_role("button", name="Change rita@contoso.example").click()
    operator.get_by_role("button", name="Disable and end all sessions").click()
    expect(operator.get_by_role("row", name="rita@contoso.example")).to_contain_text("Disabled")
    picture(operator, "administrators")
    assert not [text for text in operator.complaints + carla.complaints if "Content Security Policy" in text]


def test_a_superuser_makes_a_role_and_ends_another_session(portal, contoso, open_page):
    page = sign_in(portal, open_page(), "people@operator.example")
    page.goto(portal.url + "/roles")
    page.get_by_role("link", name="New role").click()
    page.get_by_label("Name").fill("Night watch")
    page.get_by_label("Made from").select_option("support")
    for permission in ("Customer, alerts", "Event, read"):
        page.get_by_label(permission, exact=True).check()
    picture(page, "new-role")
    page.get_by_role("button", name="Make the role").click()
    expect(page.locator("main")).to_contain_text("Night watch")
    picture(page, "roles")
    other = by_password(portal, open_page(), "people@operator.example")
    page.goto(portal.url + "/account")
    picture(page, "account")
    page.get_by_role("button", name="Sign out everywhere else").click()
    other.goto(portal.url + "/account")
    expect(other).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("window", WINDOWS, ids=window_name)
def test_the_pages_fit_and_are_accessible(portal, contoso, open_page, window):
    page = sign_in(portal, open_page(**window), "people@operator.example")
    for path in ("/users", "/users/tokens", "/roles", "/roles/new", "/account"):
        page.goto(portal.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        assert accessibility_faults(page) == [], path
        picture(page, f"{path.strip('/').replace('/', '-')}-{window_name(window)}")
