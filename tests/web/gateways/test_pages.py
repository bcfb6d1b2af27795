"""The pages of gateways and pools: who opens them, what they show, and what a form changes."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.models import Gateway, GatewayKey, GatewayPool
from tests.api.test_gateways import gateway, granted
from tests.web.conftest import signed_in
from tests.world import World

FORM = {"name": "gw-ams", "roles": ["DATA_PLANE"], "state": "IN_SERVICE", "capacity": "400",
        "authentication": "CERTIFICATE_OPTIONAL"}  # fmt: skip
POOL = {"name": "West", "hand_off": "NONE", "has_ipv4": "on"}


@pytest.fixture(autouse=True)
def home(tmp_path, settings) -> None:
    settings.HOME = tmp_path


@pytest.mark.parametrize("path", ["/gateways", "/gateway-pools", "/gateways.csv", "/gateway-pools.csv"])
def test_who_opens_a_list(world: World, path: str) -> None:
    assert Client().get(path).status_code == 302
    for who, status in (("olga", 200), ("stan", 200), ("bea", 200), ("sam", 200), ("pia", 200), ("carla", 403)):
        assert signed_in(getattr(world, who), raise_request_exception=False).get(path).status_code == status, who
    for role in ("partner-business", "partner-support"):
        user = world.user(f"{role}@acme.example", "partner", role, partner=world.acme)
        assert signed_in(user, raise_request_exception=False).get(path).status_code == 403


def test_a_gateway_is_made_with_a_key_changed_and_deleted(world: World) -> None:
    browser = signed_in(world.olga)
    answer = browser.post("/gateways/new", {**FORM, "pools": [str(world.pool.pk)]})
    page = answer.content.decode()
    row = Gateway.objects.get()
    assert (answer.status_code, "bailiwick gateway activate" in page) == (200, True)
    assert GatewayKey.objects.filter(gateway=row).count() == 1
    assert (row.capacity, list(row.pools.all())) == (400, [world.pool])
    edited = {**FORM, "name": "gw-<b>ams</b>", "version": "1", "is_load_balanced": "on"}
    assert browser.post(f"/gateways/{row.pk}/edit", edited).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.is_load_balanced, row.pools.count(), row.version) == ("gw-<b>ams</b>", True, 0, 2)
    stale = browser.post(f"/gateways/{row.pk}/edit", edited)
    assert (stale.status_code, "changed this meanwhile" in stale.content.decode()) == (409, True)
    page = browser.get(f"/gateways/{row.pk}").content.decode()
    assert ("<b>ams" in page, "&lt;b&gt;ams" in page) == (False, True)
    assert browser.post(f"/gateways/{row.pk}/delete").status_code == 302
    assert not Gateway.objects.exists()


def test_what_is_wrong_is_said_and_what_is_used_stays(world: World) -> None:
    browser, row = signed_in(world.olga), gateway(world)
    answer = browser.post("/gateways/new", FORM)
    assert (answer.status_code, "Another one has this name." in answer.content.decode()) == (422, True)
    answer = browser.post(f"/gateways/{row.pk}/delete")
    assert (answer.status_code, "the pool Default pool" in answer.content.decode()) == (409, True)
    answer = browser.post(f"/gateway-pools/{world.pool.pk}/delete")
    assert (answer.status_code, "Contoso (1)" in answer.content.decode()) == (409, True)
    assert browser.post(f"/gateways/{row.pk}/deactivate").status_code == 409
    assert browser.get("/gateways/999999999999999999999").status_code == 404


def test_a_pool_is_made_copied_and_changed(world: World) -> None:
    browser, row = signed_in(world.olga), gateway(world)
    assert browser.post("/gateway-pools/new", {**POOL, "gateways": [str(row.pk)]}).status_code == 302
    made = GatewayPool.objects.get(name="West")
    assert list(made.gateways.all()) == [row]
    assert 'value="Copy of West"' in browser.get(f"/gateway-pools/new?copy={made.pk}").content.decode()
    form = {**POOL, "hand_off": "ALLOW", "version": "1"}
    assert browser.post(f"/gateway-pools/{made.pk}", form).status_code == 302
    made.refresh_from_db()
    assert (made.hand_off, made.gateways.count(), made.version) == ("ALLOW", 0, 2)
    assert browser.post(f"/gateway-pools/{made.pk}", form).status_code == 409
    assert (
        browser.post(f"/gateway-pools/{made.pk}", {"name": "x", "hand_off": "NONE", "version": "2"}).status_code == 422
    )


def test_a_partner_reads_what_is_the_operators_and_changes_its_own(world: World) -> None:
    ours = gateway(world)
    pia = signed_in(world.pia, raise_request_exception=False)
    assert "New gateway" not in pia.get("/gateways").content.decode()
    assert pia.get("/gateways/new").status_code == 403
    granted(world)
    pages = [pia.get(path).content.decode() for path in (f"/gateways/{ours.pk}", f"/gateway-pools/{world.pool.pk}")]
    assert ["Delete the" in page for page in pages] == [False, False]
    for path in (f"/gateways/{ours.pk}/edit", f"/gateways/{ours.pk}/key", f"/gateways/{ours.pk}/delete",
                 f"/gateways/{ours.pk}/quiesce", f"/gateway-pools/{world.pool.pk}"):  # fmt: skip
        assert (path, pia.post(path, FORM).status_code) == (path, 403)
    assert pia.post("/gateway-pools/new", POOL).status_code == 302
    own = GatewayPool.objects.get(partner=world.acme)
    assert pia.post("/gateways/new", {**FORM, "name": "gw-acme", "pools": [str(own.pk)]}).status_code == 200
    stranger = signed_in(world.stranger, raise_request_exception=False)
    assert stranger.get(f"/gateways/{Gateway.objects.get(name='gw-acme').pk}").status_code == 404
    assert stranger.get(f"/gateway-pools/{own.pk}").status_code == 404
    assert "gw-acme" not in stranger.get("/gateways").content.decode()


def quiescing(**more: Any) -> dict[str, Any]:
    return {"deadline": f"{timezone.now() + timedelta(days=3):%Y-%m-%d %H:%M}", **more}


def test_reb_03_a_superuser_quiesces_and_takes_it_back(world: World) -> None:
    old, new = gateway(world, "gw-old"), gateway(world, "gw-new")
    browser = signed_in(world.olga)
    page = browser.get(f"/gateways/{old.pk}/quiesce").content.decode()
    assert re.findall(r"<option value=\"\d+\">([^<]+)", page) == ["gw-new"]
    answer = browser.post(f"/gateways/{old.pk}/quiesce", quiescing(deadline="soon", replacement=new.pk))
    assert answer.status_code == 422
    assert browser.post(f"/gateways/{old.pk}/quiesce", quiescing(replacement=new.pk)).status_code == 302
    old.refresh_from_db()
    assert (old.state, old.replacement_id) == ("QUIESCED", new.pk)
    assert "its replacement" in browser.get(f"/gateways/{old.pk}").content.decode()
    stan = signed_in(world.stan, raise_request_exception=False)
    assert stan.post(f"/gateways/{old.pk}/resume").status_code == 403
    assert browser.post(f"/gateways/{old.pk}/resume").status_code == 302
    assert browser.post(f"/gateways/{old.pk}/resume").status_code == 409


def test_the_files_hold_what_the_lists_hold(world: World) -> None:
    gateway(world, "=gw", city="Oslo")
    gateway(world, "gw-b", city="Bergen")
    browser = signed_in(world.olga)

    def rows(path: str) -> list[dict[str, str]]:
        text = b"".join(browser.get(path).streaming_content).decode()
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["Name"] for row in rows("/gateways.csv")] == ["'=gw", "gw-b"]
    assert [row["City"] for row in rows("/gateways.csv?search=berg")] == ["Bergen"]
    assert [(row["Name"], row["Gateways"]) for row in rows("/gateway-pools.csv")] == [("Default pool", "2")]


def test_a_list_of_many_costs_no_more_questions(world: World, django_assert_max_num_queries) -> None:
    for number in range(60):
        gateway(world, f"gw-{number:02}")
    browser = signed_in(world.olga)
    with django_assert_max_num_queries(12):
        page = browser.get("/gateways").content.decode()
    assert (page.count("<tr>"), "Next" in page) == (51, True)
    assert 'href="/gateways?search=&amp;state=&amp;after=gw-49"' in page
