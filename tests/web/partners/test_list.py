"""The partners list: any column shown, sorted by, searched and filed; what is selected gets operator profiles."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from bailiwick.models import Event, GatewayPool, OperatorProfile, Partner, PartnerPool, PartnerProfile, User
from bailiwick.web.partners.columns import COLUMNS, UNSORTED
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World

HTMX = {"HX-Request": "true"}
SECRETS = ("Hush Street", "Mum City", "hush@hidden.example", "Whisper", "Unspoken", "+41 44 000")


@pytest.fixture
def closed(world: World) -> Partner:
    """A partner that lets no operator in."""
    facts = {"street": "Hush Street", "city": "Mum City", "contact_name": "Whisper", "description": "Unspoken"}
    facts |= {"contact_email": "hush@hidden.example", "contact_phone": "+41 44 000"}
    Partner.objects.filter(pk=world.zenith.pk).update(operator_access=False, domain="zenith.example", **facts)
    return world.zenith


def shown(user: User, path: str, status: int = 200) -> str:
    answer = signed_in(user, headers=HTMX).get(path)
    assert answer.status_code == status, answer.content
    return str(answer.content.decode())


def order(page: str) -> list[str]:
    return re.findall(r'aria-label="Select ([^"]+)"', page.split("<tbody>")[1])


@pytest.mark.parametrize("column", [column.name for column in COLUMNS if column.name not in UNSORTED])
def test_it_sorts_by_every_column_both_ways(world: World, column: str) -> None:
    world.customers(2, partner=world.zenith)
    world.partner("Middle")
    up, down = (order(shown(world.sam, f"/partners?sort={way}{column}")) for way in ("", "-"))
    assert sorted(up) == sorted(down) == ["Acme Partners", "Middle", "Zenith"]
    if column in ("name", "customers", "created"):
        assert down == up[::-1]


def test_an_unknown_sort_a_wrong_size_and_an_unknown_filter_are_said(world: World) -> None:
    for query in ("sort=colour", "sort=operator_profiles", "limit=x", "page=x", "colour=red"):
        assert "This list cannot be shown" in shown(world.sam, f"/partners?{query}", 422)
    assert signed_in(world.sam).get("/partners.csv?sort=colour").status_code == 422


def test_the_columns_are_chosen_kept_and_filed(world: World) -> None:
    Partner.objects.filter(pk=world.acme.pk).update(contact_name="Ann Acme", city="Bern")
    browser = signed_in(world.sam, headers=HTMX)
    assert "Contact e-mail" in browser.get("/partners/columns").content.decode()
    kept = browser.post("/partners/columns", {"columns": ["contact_name", "gateway_pools", "invented"]})
    assert (kept.status_code, "partners-changed" in kept["HX-Trigger"]) == (204, True)
    page = browser.get("/partners").content.decode()
    assert "Ann Acme" in page
    assert "Default pool" in page
    assert "Bern" not in page
    file = page.split('data-file="')[1].split('"')[0].replace("&amp;", "&")
    lines = list(csv.reader(io.StringIO(browser.get(file).content.decode("utf-8-sig"))))
    assert lines[0] == ["Partner", "Contact", "Gateway pools"]
    assert lines[1] == ["Acme Partners", "Ann Acme", "Default pool"]
    browser.post("/partners/columns", {"usual": "1"})
    assert "Bern" in browser.get("/partners").content.decode()
    assert browser.post("/partners/width", {"name": "city", "width": "120"}).status_code == 204
    assert User.objects.get(pk=world.sam.pk).preferences["partner_widths"] == {"city": 120}


def test_the_customers_list_keeps_its_own_columns(world: World) -> None:
    browser = signed_in(world.olga, headers=HTMX)
    browser.post("/partners/columns", {"columns": ["city"]})
    assert User.objects.get(pk=world.olga.pk).preferences.keys() == {"partner_columns"}


def test_of_a_closed_partner_nothing_of_its_own_words_is_told_by_list_file_or_order(
    world: World, closed: Partner
) -> None:
    every = ",".join(column.name for column in COLUMNS)
    for page in (shown(world.olga, f"/partners?columns={every}"), shown(world.olga, "/partners.csv")):
        assert "zenith.example" in page
        assert not any(secret in page for secret in SECRETS)
    (listed,) = [row for row in Script(world.olga).get("/partners").json()["data"] if row["id"] == closed.pk]
    assert (listed["domain"], listed["city"]) == ("zenith.example", "")
    assert "Hush Street" in shown(world.stranger, "/partners.csv"), "its own staff read all of it"
    Partner.objects.filter(pk=world.acme.pk).update(city="Bern")
    before = order(shown(world.olga, "/partners?sort=city"))
    Partner.objects.filter(pk=closed.pk).update(city="Aachen")
    assert order(shown(world.olga, "/partners?sort=city")) == before


def posted(world: World, *partners: Partner, **more: Any) -> dict[str, Any]:
    return {"select": json.dumps({"ids": [partner.pk for partner in partners]}), **more}


def test_profiles_are_added_to_those_that_lack_them_and_the_others_say_why(world: World, closed: Partner) -> None:
    special = OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)
    ready = world.partner("Ready")
    PartnerProfile.objects.create(partner=ready, operator_profile=special)
    browser = signed_in(world.olga, headers=HTMX)
    dialog = browser.post("/partners/add-profiles", posted(world, world.acme, closed, ready)).content.decode()
    assert "Add operator profiles to 3 partners" in dialog
    more = {"do": "1", "operator_profiles": [str(special.pk)]}
    done = browser.post("/partners/add-profiles", posted(world, world.acme, closed, ready, **more))
    page = done.content.decode()
    assert "1 partner has more profiles." in done["HX-Trigger"]
    assert "Has withdrawn operator access." in page
    assert "Has them already." in page
    holders = PartnerProfile.objects.filter(operator_profile=special).values_list("partner__name", flat=True)
    assert sorted(holders) == ["Acme Partners", "Ready"]
    event = Event.objects.get(name="UPDATE_ENTERPRISE_PROXY")
    assert (event.partner_id, event.before, event.after) == (
        world.acme.pk,
        {"operator_profiles": ["5.2 stable"]},
        {"operator_profiles": ["5.2 stable", "Special"]},
    )
    again = browser.post("/partners/add-profiles", posted(world, world.acme, **more))
    assert "Has them already." in again.content.decode()
    assert Event.objects.filter(name="UPDATE_ENTERPRISE_PROXY").count() == 1
    assert Partner.objects.get(pk=world.acme.pk).version == world.acme.version + 1


def test_everything_that_matches_can_be_selected(world: World) -> None:
    special = OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)
    select = json.dumps({"matching": {"search": "ZEN"}})
    signed_in(world.olga).post("/partners/add-profiles", {"select": select, "do": "1", "operator_profiles": special.pk})
    assert PartnerProfile.objects.get(operator_profile=special).partner == world.zenith


def test_wrong_selections_and_wrong_roles_change_nothing(world: World) -> None:
    browser = signed_in(world.olga)
    choice = {"do": "1", "operator_profiles": [world.profile.pk]}
    for select in ("", "{}", '{"ids": []}', '{"ids": ["1"]}', '{"ids": [true]}', '{"matching": {"city": "x"}}'):
        answer = browser.post("/partners/add-profiles", {"select": select, **choice})
        assert (select, answer.status_code) == (select, 422)
    assert browser.post("/partners/add-profiles", posted(world, world.acme, do="1")).status_code == 422
    assert browser.get("/partners/add-profiles")["Location"] == "/partners"
    for user in (world.sam, world.bea, world.pia, world.carla):
        answer = signed_in(user).post("/partners/add-profiles", posted(world, world.acme, **choice))
        assert answer.status_code == 403
    assert not Event.objects.filter(name="UPDATE_ENTERPRISE_PROXY").exists()


def test_a_text_of_somebody_is_escaped_in_every_cell(world: World) -> None:
    evil = "<script>alert(1)</script>"
    texts = ("name", "domain", "description", "contact_name", "street", "city", "state", "postcode")
    Partner.objects.filter(pk=world.acme.pk).update(**dict.fromkeys(texts, evil))
    pool = GatewayPool.objects.create(name=evil, name_key=evil)
    PartnerPool.objects.create(partner=world.acme, gateway_pool=pool)
    page = shown(world.sam, f"/partners?columns={','.join(column.name for column in COLUMNS)}")
    assert evil not in page
    assert page.count("&lt;script&gt;") >= len(texts)
