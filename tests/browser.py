"""A real browser for tests: signed in to a real portal, its complaints kept, axe-core at hand."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from tests.portal import Portal

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# The same engine; the desktop's program paints a whole window around each page, at three times the processor time.
CHROMIUM = "/usr/bin/chromium-headless-shell"
# Wide and light, narrow and dark are looked at each time; the long form looks at the other two as well.
WINDOWS = (
    {"width": 1440, "color_scheme": "light"},
    {"width": 320, "color_scheme": "dark"},
    *(
        pytest.param({"width": width, "color_scheme": scheme}, marks=pytest.mark.slow)
        for width, scheme in ((1440, "dark"), (320, "light"))
    ),
)
PASSWORD = "correct horse battery"


def window_name(window: dict[str, object]) -> str:
    """For the name of a test and what it makes: 320-dark."""
    return f"{window['width']}-{window['color_scheme']}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all browser tests of this process, without its own windows, menus and tabs."""
    # Playwright keeps a loop in this thread, by which Django would take every later test for asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a window of its own; what the browser complains about stands in `page.complaints`.

    No test may end with a complaint about the content security policy, whether it looks or not.
    """
    windows, breaches = [], []

    def complain(page: Page, text: str) -> None:
        page.complaints.append(text)
        breaches.extend([text] if "Content Security Policy" in text else [])

    def open_one(*, width: int = 1440, height: int = 900, **options: object) -> Page:
        window = chromium.new_context(viewport={"width": width, "height": height}, **options)
        windows.append(window)
        page = window.new_page()
        page.set_default_timeout(10_000)
        page.complaints = []
        page.on("console", lambda message: complain(page, message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complain(page, str(error)))
        return page

    yield open_one
    for window in windows:
        window.close()
    assert breaches == []


def sign_in(portal: Portal, page: Page, email: str, role: str = "superuser") -> Page:
    """Invites the user the first time; afterwards he comes with the session that he has, or with his password."""
    if email not in portal.sessions:
        link = portal.shell("user", "create", email, "--role", role).strip()
        set_password(portal, page, "/link/" + link.rpartition("/")[2])
        portal.sessions[email] = page.context.cookies()
        return page
    page.context.add_cookies(portal.sessions[email])
    page.goto(portal.url + "/customers")
    return page if page.url == portal.url + "/customers" else by_password(portal, page, email)


def by_password(portal: Portal, page: Page, email: str) -> Page:
    """A session of its own, from the page that everybody begins with."""
    page.goto(portal.url + "/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(portal.url + "/customers")
    return page


def set_password(portal: Portal, page: Page, path: str) -> Page:
    """Takes an invitation by the path of its link, and waits for the first page that it leads to."""
    page.goto(portal.url + path)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url(lambda url: "/link/" not in url)
    return page


def invited(portal: Portal, operator: Page, email: str) -> str:
    """The path of the link in the invitation that an operator finds in the mailbox."""
    operator.goto(portal.url + "/mailbox")
    operator.get_by_role("row", name=email).get_by_role("link").first.click()
    found = re.search(r"/link/\S+", operator.locator("pre").inner_text())
    assert found
    return found[0]


def accessibility_faults(page: Page) -> list[str]:
    """What axe-core finds wrong on the page once it is loaded: rule and elements."""
    page.wait_for_load_state()
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [f"{fault['id']}: {[node['html'][:120] for node in fault['nodes'][:3]]}" for fault in found]
