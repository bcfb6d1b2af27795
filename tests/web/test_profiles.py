"""The pages of operator profiles: the list with who has each, making, copying, changing and deleting one."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from bailiwick.models import OperatorProfile, SoftwareImage
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.web.conftest import signed_in
from tests.world import World

FORM = {"name": "6.4 wide", "kind": "SEGMENT_BASED", "heartbeat_seconds": "30"}


@pytest.mark.parametrize(("who", "status", "may_manage"), [("olga", 200, True), ("stan", 200, True),
                                                           ("bea", 200, False), ("pia", 403, False)])  # fmt: skip
def test_who_sees_the_list_and_who_the_button(world: World, who: str, status: int, *, may_manage: bool):
    answer = signed_in(getattr(world, who), raise_request_exception=False).get("/operator-profiles")
    assert (answer.status_code, "New operator profile" in answer.content.decode()) == (status, may_manage)
    assert Client().get("/operator-profiles").status_code == 302


def test_the_list_says_who_has_each(world: World):
    early = profile(world, "<i>6.4</i>")
    may_choose(world.contoso, early)
    page = signed_in(world.olga).get("/operator-profiles").content.decode()
    assert "<i>6.4</i>" not in page
    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", page, re.DOTALL)
    numbers = [re.findall(r'<td class="text-end">(?:<a[^>]*>)?(\d+)', row) for row in rows]
    assert sorted(numbers) == [["0", "1", "0", "0"], ["1", "0", "2", "0"]]


def test_one_is_made_copied_changed_and_deleted(world: World):
    browser = signed_in(world.olga)
    assert browser.post("/operator-profiles/new", FORM).status_code == 302
    made = OperatorProfile.objects.get(name="6.4 wide")
    page = browser.get(f"/operator-profiles/new?copy={made.pk}").content.decode()
    assert 'value="Copy of 6.4 wide"' in page
    answer = browser.post(f"/operator-profiles/{made.pk}", {**FORM, "name": "6.4 narrow", "version": "1"})
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.name, made.version) == ("6.4 narrow", 2)
    stale = browser.post(f"/operator-profiles/{made.pk}", {**FORM, "version": "1"})
    assert (stale.status_code, "changed this meanwhile" in stale.content.decode()) == (409, True)
    assert browser.post(f"/operator-profiles/{made.pk}/delete").status_code == 302
    assert not OperatorProfile.objects.filter(pk=made.pk).exists()


def test_what_is_wrong_is_said_and_what_is_used_stays(world: World):
    browser = signed_in(world.olga)
    answer = browser.post("/operator-profiles/new", {**FORM, "name": "5.2 Stable"})
    assert (answer.status_code, "Another operator profile has this name." in answer.content.decode()) == (422, True)
    answer = browser.post(f"/operator-profiles/{world.profile.pk}/delete")
    assert (answer.status_code, "whose default it is: 1" in answer.content.decode()) == (422, True)
    assert browser.get("/operator-profiles/999999").status_code == 404


def test_a_deprecated_image_stays_chosen_on_its_own_page_alone(world: World):
    old = SoftwareImage.objects.create(name="Edge", version="4.5.2", deprecated=True)
    kept = profile(world, "Old", image=old)
    browser = signed_in(world.olga)
    option = f'<option value="{old.pk}" selected>'
    assert option in browser.get(f"/operator-profiles/{kept.pk}").content.decode()
    assert f'value="{old.pk}"' not in browser.get("/operator-profiles/new").content.decode()


def test_opr_06_it_is_removed_from_its_page_with_the_number_typed(world: World):
    early = profile(world)
    may_choose(world.contoso, early)
    browser, path = signed_in(world.olga), f"/operator-profiles/{early.pk}"
    assert "Type 1, the number of both" in browser.get(path).content.decode()
    wrong = browser.post(f"{path}/remove", {"confirm": "2"})
    assert (wrong.status_code, "have it: 1." in wrong.content.decode()) == (422, True)
    answer = browser.post(f"{path}/remove", {"confirm": "1"})
    assert answer.headers["Location"].startswith("/jobs/")
    assert browser.post(f"{path}/delete").status_code == 302
    assert not OperatorProfile.objects.filter(pk=early.pk).exists()
