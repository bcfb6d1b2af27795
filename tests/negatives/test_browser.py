"""Sixty payloads in every text of every row, seen in a real Chromium: none runs, the policy reports none (R-23)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect, sync_playwright

from bailiwick.actions import MENU
from bailiwick.engine.action import Change
from bailiwick.models import Customer, Job, OutboxMessage, Partner, Role
from tests.browser import CHROMIUM
from tests.negatives.payloads import PAYLOADS, payload
from tests.negatives.planting import people, plant
from tests.negatives.test_text import pages
from tests.web.conftest import signed_in
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Locator, Page

# Before any script of the page: what a payload would call, and what the browser refuses it.
LISTEN = """
window.canary = number => heard("ran " + number);
document.addEventListener("securitypolicyviolation", event =>
  heard("policy " + event.effectiveDirective + " " + event.blockedURI + " " + event.sample));
"""
LOOK = """() => ({
  planted: [...document.querySelectorAll(".planted, base, object, embed, [srcdoc]")].map(each => each.outerHTML),
  odd: [...document.querySelectorAll("*")].flatMap(each => [...each.attributes]
    .filter(one => /^(on|hx-on)/i.test(one.name) || /^\\s*(javascript|vbscript|data:text)/i.test(one.value)
      && /^(href|src|action|formaction|data|xlink:href)$/i.test(one.name))
    .map(one => one.name + "=" + one.value)),
  text: document.documentElement.textContent,
})"""
# How many payloads each list shows at once, at least.
LISTS = {
    "/customers?limit=100": 55,
    "/events": 45,
    "/jobs": 20,
    "/users": 60,
    "/partners": 45,
    "/mailbox": 45,
    "/roles": 60,
}
CHANGES = [slug for slug, action in MENU.items() if isinstance(action, Change)]
ECHOED = ("/customers?search={}", "/customers?name.contains={}", "/customers?sort={}", "/customers?{}=1",
          "/search?q={}", "/users?q={}", "/partners?search={}", "/events?q={}", "/jobs?state={}", "/nothing/{}",
          "/customers/{}", "/sign-in?next={}", "/link/{}", "/confirm-address/{}", "/forgot-password?email={}",
          "/api-reference?{}")  # fmt: skip


class Watched:
    """A page of Chromium of which is known what ran, what was refused and what stands in it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.heard, self.visited = page, url, [], 0
        page.expose_function("heard", lambda said: self.heard.append(f"{page.url}: {said}"))
        page.add_init_script(LISTEN)
        page.on("dialog", lambda dialog: (self.heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", self._outside)

    def _outside(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.heard.append(f"{self.page.url}: asked for {request.url}")

    def open(self, path: str) -> set[int]:
        self.page.goto(self.url + path)
        return self.look()

    def look(self) -> set[int]:
        """The numbers of the payloads that are shown as text: none is an element, an attribute or a program."""
        self.visited += 1
        seen = self.page.evaluate(LOOK)
        assert (seen["planted"], seen["odd"], self.heard) == ([], [], []), self.page.url
        return {int(number) for number in re.findall(r"canary\(?(\d+)", seen["text"])}


@pytest.fixture
def hostile(transactional_db: None) -> World:
    world = World()

    people(world)
    plant()
    return world


def in_chromium(look: Callable[[Watched], Any], url: str, key: str) -> Any:
    """In a thread of its own: Playwright keeps a loop in its thread, and there Django would not ask the database."""

    def begin() -> Any:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 2_000})
            page.set_default_timeout(10_000)
            page.context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": key, "url": url}])
            try:
                return look(Watched(page, url))
            finally:
                browser.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(begin).result()


def opened(watched: Watched, slug: str) -> Locator | None:
    """The dialog of an action with all rows ticked; nothing where the menu does not offer it."""
    watched.page.goto(watched.url + "/customers?limit=100")
    watched.page.locator("[data-tick-page]").check()
    watched.page.locator("#selection [data-actions]").click()
    expect(watched.page.get_by_role("menuitem").first).to_be_visible()
    entry, box = watched.page.locator(f"[data-action={slug}]"), watched.page.locator("#dialog dialog")
    if entry.count() == 0:
        return None
    entry.click()
    expect(box).to_be_visible()
    watched.look()
    return box


def previewed(watched: Watched, box: Locator) -> None:
    """What will change, and what is refused and why, where the dialog says it first."""
    button = box.get_by_role("button", name="Preview")
    if button.count() and button.is_enabled():
        button.click()
        watched.page.wait_for_load_state("networkidle")
    watched.look()


def dialogs(watched: Watched, slugs: Sequence[str]) -> int:
    """The dialogs and previews of these actions; how many there were."""
    boxes = 0
    for slug in slugs:
        box = opened(watched, slug)
        if box is not None:
            previewed(watched, box)
            boxes += 1
    return boxes


def submitted(watched: Watched) -> None:
    """One action to its end: the toast."""
    box = opened(watched, "update-customer-alerts")
    assert box is not None
    box.get_by_label("Activate", exact=True).check()
    previewed(watched, box)
    box.get_by_role("button", name=re.compile("Activate alerts of")).click()
    expect(watched.page.locator("#toasts [data-toast]")).to_contain_text("changed")
    watched.look()


def noticed(watched: Watched) -> None:
    """Where the payloads are made elements all the same, the browser refuses them, and both is seen."""
    fragments = "all => all.forEach(one => document.body.append(document.createRange().createContextualFragment(one)))"
    watched.page.evaluate(fragments, list(PAYLOADS))
    watched.page.wait_for_load_state("networkidle")
    assert len(watched.page.evaluate(LOOK)["planted"]) > 45
    assert len([said for said in watched.heard if "policy script-src" in said]) > 20
    assert not [said for said in watched.heard if "ran" in said.split()]


def shown(world: World, step: int) -> list[str]:
    """The pages that are documents: those of one row of each kind, and, with a step of 1, those of all."""
    browser, number = signed_in(world.olga), len(PAYLOADS)
    found = [path for path in pages(world) if path not in LISTS][:: step * 3 if step > 1 else 1]
    kinds = {"/customers/{}": Customer, "/customers/{}/settings": Customer, "/customers/{}/events": Customer,
             "/customers/{}/panel": Customer, "/partners/{}": Partner, "/jobs/{}": Job, "/jobs/{}/rows": Job,
             "/mailbox/{}": OutboxMessage, "/roles/{}": Role}  # fmt: skip
    for address, model in kinds.items():
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True)[:number])
        found += [address.format(key) for key in (keys if step == 1 else keys[45:46])]
    return [path for path in found if _is_document(browser.get(path))]


def _is_document(answer: Any) -> bool:
    return answer.status_code == 200 and not answer.streaming and "html" in answer["Content-Type"]


@pytest.mark.whole
@pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_r23_no_payload_runs_in_a_browser_and_the_policy_has_nothing_to_report(hostile: World, live_server, step: int):
    asked = shown(hostile, step)
    key = signed_in(hostile.olga).cookies[django_settings.SESSION_COOKIE_NAME].value

    def look(watched: Watched) -> int:
        for path, number in LISTS.items():
            assert len(watched.open(path)) >= number, path
        for path in asked:
            watched.open(path)
        for address, number in list(product(ECHOED, range(len(PAYLOADS))))[step // 2 :: 1 if step == 1 else 233]:
            watched.open(address.format(quote(payload(number), safe="")))
        assert dialogs(watched, CHANGES if step == 1 else ["delete-customer"]) >= (4 if step == 1 else 1)
        submitted(watched)
        noticed(watched)
        return watched.visited

    assert in_chromium(look, live_server.url, key) > (600 if step == 1 else 25)
