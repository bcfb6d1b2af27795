"""The pages about partners: strangers, wrong roles and other portals first, then what they do."""

from __future__ import annotations

import html
import json

import pytest
from django.test import Client

from bailiwick.models import Event, Partner, SystemProperty
from tests.actions.test_accept_transfer import offer
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World

HTMX = {"HX-Request": "true"}


def shown(user, path, status=200, **headers):
    answer = signed_in(user, headers=headers).get(path)
    assert answer.status_code == status, answer.content
    return answer.content.decode()


@pytest.mark.parametrize("path", ["/partners", "/partners.csv", "/partners/new", "/partners/1", "/partners/1/events"])
def test_a_stranger_is_sent_to_the_sign_in_page(world: World, path):
    assert Client().get(path)["Location"].startswith("/sign-in?next=")


def test_wrong_roles_are_refused(world: World):
    shown(world.carla, "/partners", 403)
    shown(world.carla, f"/partners/{world.acme.pk}", 403)
    shown(world.sam, "/partners/new", 403)
    shown(world.pia, "/partners/new", 403)
    assert signed_in(world.sam).post("/partners/delete", {"id": [world.zenith.pk]}).status_code == 403
    assert Partner.objects.count() == 2


def test_another_partner_is_not_there(world: World):
    foreign = signed_in(world.stranger).get(f"/partners/{world.acme.pk}")
    absent = signed_in(world.stranger).get("/partners/999999")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert "Acme" not in foreign.content.decode()
    file = shown(world.stranger, "/partners.csv")
    assert "Zenith" in file
    assert "Acme" not in file


def test_posts_need_their_token(world: World):
    strict = signed_in(world.olga, enforce_csrf_checks=True)
    for path in ("/partners/new", "/partners/delete", f"/partners/{world.acme.pk}"):
        assert strict.post(path, {"name": "x"}).status_code == 403


def test_the_list_shows_partners_and_counts_their_customers(world: World):
    world.customers(3, partner=world.zenith)
    page = shown(world.sam, "/partners")
    assert (
        f'<a href="/customers?partner={world.zenith.pk}">3<span class="visually-hidden"> customers of Zenith</span></a>'
        in page
    )
    assert "2 partners" in page
    found = shown(world.sam, "/partners?search=zen")
    assert "Acme" not in found.split("<main")[1]
    assert "No partner has this name" in shown(world.sam, "/partners?search=nobody", **HTMX)


def test_the_second_page_begins_after_the_first(world: World):
    for number in range(60):
        world.partner(f"Partner {number:02d}")
    first = shown(world.sam, "/partners")
    link = html.unescape(first.split('rel="next" href="')[1].split('"')[0])
    second = shown(world.sam, link)
    assert "Partner 48" in first
    assert "Partner 49" not in first
    assert "Partner 49" in second
    assert "Zenith" in second


def test_a_new_partner_is_made_from_the_page(world: World):
    browser = signed_in(world.olga)
    posted = {"name": "Northwind", "operator_access": "on", "gateway_pools": [world.pool.pk], "country": "CH"}
    answer = browser.post("/partners/new", posted)
    made = Partner.objects.get(name="Northwind")
    assert (answer.status_code, answer["Location"]) == (302, f"/partners/{made.pk}")
    assert (made.operator_access, made.operate_gateways, made.country) == (True, False, "CH")


def test_errors_stand_beside_their_fields_and_what_was_typed_stays(world: World):
    answer = signed_in(world.olga).post("/partners/new", {"name": "zenith", "city": "Zürich"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Another partner has this name." in page
    assert 'value="Zürich"' in page


def test_while_the_gate_is_closed_the_button_says_why(world: World):
    SystemProperty.objects.create(name="session.options.disableCreateEnterpriseProxy", value=True)
    assert "Creating partners is switched off" in shown(world.olga, "/partners")
    shown(world.olga, "/partners/new", 403)


def values(page, name):
    return page.split(f'name="{name}" value="')[1].split('"')[0].replace("&quot;", '"')


def test_only_what_differs_is_saved(world: World):
    browser = signed_in(world.olga)
    page = browser.get(f"/partners/{world.acme.pk}").content.decode()
    posted = {"version": values(page, "version"), "base": values(page, "base")}
    same = {"name": "Acme Partners", "operator_access": "on", "gateway_pools": [world.pool.pk]}
    same |= {"operator_profiles": [world.profile.pk], "city": "Bern"}
    assert browser.post(f"/partners/{world.acme.pk}", posted | same).status_code == 302
    assert Event.objects.get(name="UPDATE_ENTERPRISE_PROXY").after == {"city": "Bern"}


def test_a_stale_page_shows_the_others_change_and_keeps_mine(world: World):
    browser = signed_in(world.olga)
    path = f"/partners/{world.acme.pk}"
    page = browser.get(path).content.decode()
    old = {"version": values(page, "version"), "base": values(page, "base"), "operator_access": "on"}
    old |= {"name": "Acme Partners", "gateway_pools": [world.pool.pk], "operator_profiles": [world.profile.pk]}
    signed_in(world.stan).post(path, old | {"city": "Bern"})
    answer = browser.post(path, old | {"domain": "acme.example"})
    again = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed this partner meanwhile" in again
    assert world.stan.email in again
    assert 'value="Bern"' in again
    assert 'value="acme.example"' in again
    repeated = {**old, "version": values(again, "version"), "base": values(again, "base"), "city": "Bern"}
    assert browser.post(path, repeated | {"domain": "acme.example"}).status_code == 302
    saved = Partner.objects.get(pk=world.acme.pk)
    assert (saved.city, saved.domain) == ("Bern", "acme.example")


def test_deleting_shows_the_reasons_asks_for_the_number_and_tells_the_outcome(world: World):
    browser = signed_in(world.olga, headers=HTMX)
    both = {"select": json.dumps({"ids": [world.acme.pk, world.zenith.pk]})}
    dialog = browser.post("/partners/delete", both).content.decode()
    assert "Has 1 customer: release it first." in dialog
    assert 'data-confirm="2"' in dialog
    wrong = browser.post("/partners/delete", both | {"confirm": "1"})
    assert (wrong.status_code, Partner.objects.count()) == (422, 2)
    done = browser.post("/partners/delete", both | {"confirm": "2"})
    assert [row.name for row in Partner.objects.all()] == ["Acme Partners"]
    assert "Acme Partners" in done.content.decode()
    assert "partners-changed" in json.loads(done["HX-Trigger"])


def test_the_address_of_deleting_leads_to_the_list(world: World):
    answer = signed_in(world.olga).get("/partners/delete")
    assert (answer.status_code, answer["Location"]) == (302, "/partners")
    assert signed_in(world.sam).get("/partners/delete").status_code == 403


def test_a_partners_staff_read_their_own_settings_and_decide_about_the_operators_access(world: World):
    browser = signed_in(world.pia)
    assert browser.get("/partners")["Location"] == "/our-settings"
    page = shown(world.pia, f"/partners/{world.acme.pk}")
    assert "Default pool" in page
    assert 'name="operator_access"' in page
    assert 'name="operate_gateways"' not in page
    assert "You are in" not in page
    base = {"version": values(page, "version"), "base": values(page, "base")}
    assert browser.post(f"/partners/{world.acme.pk}", base).status_code == 302
    assert Partner.objects.get(pk=world.acme.pk).operator_access is False
    assert "has withdrawn operator access" in shown(world.olga, f"/partners/{world.acme.pk}", 403)
    assert "It has withdrawn operator access" in shown(world.olga, "/partners")


def test_an_operator_inside_a_partner_is_told_where_and_as_whom(world: World):
    page = shown(world.olga, f"/partners/{world.acme.pk}")
    assert f"You are in <bdi>Acme Partners</bdi> as <bdi>{world.olga.email}</bdi>" in page


def test_the_events_of_a_partner_are_its_own(world: World):
    signed_in(world.olga).post("/partners/new", {"name": "Northwind", "operator_access": "on"})
    made = Partner.objects.get(name="Northwind")
    assert "CREATE_ENTERPRISE_PROXY" in shown(world.sam, f"/partners/{made.pk}/events")
    assert "CREATE_ENTERPRISE_PROXY" not in shown(world.sam, f"/partners/{world.acme.pk}/events")


def test_the_file_holds_what_matches_and_no_formula(world: World):
    world.partner("=2+3")
    file = shown(world.sam, "/partners.csv?search=2")
    assert "'=2+3" in file
    assert "Zenith" not in file


def test_offers_are_shown_to_whom_they_are_made_and_to_operators(world: World):
    offered = world.customer("Fabrikam")
    offer(world, offered, to=world.acme, partner_access=False)
    own = shown(world.pia, "/offers")
    assert "Fabrikam" in own
    assert "Your users see the name only." in own
    assert "Accept the selected" in own
    seen = shown(world.stan, "/offers")
    assert "Acme Partners" in seen
    assert "Accept the selected" not in seen
    assert "Fabrikam" not in shown(world.stranger, "/offers")
    shown(world.carla, "/offers", 403)
    shown(world.sam, "/offers", 403)
    listed = Script(world.pia).get("/transfer-offers").json()["data"]
    assert [(row["customer"], row["partner_access"]) for row in listed] == [("Fabrikam", False)]
    assert Script(world.stranger).get("/transfer-offers").json()["data"] == []


def test_a_partner_accepts_from_the_page(world: World):
    offered = world.customer("Fabrikam")
    offer(world, offered, to=world.acme)
    browser = signed_in(world.pia, headers=HTMX)
    dialog = browser.post("/actions/accept-transfer/dialog", {"id": [offered.pk]}).content.decode()
    assert "Accept 1 customer" in dialog
    assert offered.account_number not in dialog
    select = values(dialog, "select")
    assert browser.post("/actions/accept-transfer", {"select": select, "params": "{}"}).status_code == 200
    offered.refresh_from_db()
    assert offered.partner == world.acme
    assert "No customer is offered" in shown(world.pia, "/offers")
