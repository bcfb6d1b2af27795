"""TRF-02: of a customer that gave its partner no access the partner's users learn the name, through no door more."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.access.scope import edges_for, events_for, open_customers_for
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing.filters import FIELDS, InvalidFilter, matching
from bailiwick.engine.listing.grid import page
from bailiwick.engine.listing.sorts import SORTS
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event
from bailiwick.web.customers.columns import COLUMNS
from tests.access.mystery import mystery, names
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

SECRETS = ("S-4711", "secret.example", "Hush Street", "Mum City", "hush@hidden.example", "Edge 9001", "Whisper")


@pytest.fixture
def closed(world: World) -> Customer:
    """A customer of Acme that gives Acme nothing but its name."""
    return mystery(world, partner_access=False)


@pytest.fixture
def pia(world: World) -> Any:
    return world.actor(world.pia)


def test_the_list_has_the_name_and_nothing_else(closed: Customer, world: World, pia: Any) -> None:
    (row,) = [row for row in page(pia, {}, detail=True).rows if row.name == "Mystery Ltd"]
    told = {name: value for name, value in row._asdict().items() if value not in (None, "")}
    edge_defaults = {"edge_configuration_updates", "edge_configuration_updates_on_upgrade"}
    assert told.keys() - edge_defaults == {"id", "name", "partner_id", "partner_access"}
    assert page(world.actor(world.olga), {"search": "mystery"}).rows[0].account_number == "S-4711"


@pytest.mark.parametrize("text", ["s-4711", "secret", "mum", "whisper", "s-"])
def test_a_search_for_a_fact_does_not_find_it(closed: Customer, world: World, pia: Any, text: str) -> None:
    assert names(page(pia, {"search": text})) == []
    assert names(page(world.actor(world.olga), {"search": text})) == ["Mystery Ltd"]


@pytest.mark.parametrize("text", ["mystery", "MYS", "ltd", "my"])
def test_a_search_for_the_name_finds_it(closed: Customer, pia: Any, text: str) -> None:
    assert names(page(pia, {"search": text})) == ["Mystery Ltd"]


@pytest.mark.parametrize("raw", [{"name.startsWith": "mys"}, {"name.isNot": "contoso"}])
def test_filters_of_the_name_work(closed: Customer, pia: Any, raw: dict[str, str]) -> None:
    assert names(page(pia, raw)) == ["Mystery Ltd"]


VALUES = {"state": "up", "country": "CH", "created_from": "2000-01-01", "created_to": "2100-01-01"}


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in ("search", "partner")])
def test_no_other_filter_tells_anything(closed: Customer, world: World, pia: Any, name: str) -> None:
    """Whatever is asked, the closed one never matches: neither with a value nor with its opposite."""
    for value in (VALUES.get(name, "0"), "false", "true", "1", world.pool.pk, "CERTIFICATE_OPTIONAL", "UNCONFIGURED"):
        try:
            found = matching(pia, {name: value})
        except InvalidFilter:
            continue
        assert closed not in found


@pytest.mark.parametrize("raw", [{"city.isNot": "x"}, {"edges.greaterOrEquals": "0"}, {"domain.isNull": "1"}])
def test_no_negation_tells_anything(closed: Customer, pia: Any, raw: dict[str, str]) -> None:
    assert "Mystery Ltd" not in names(page(pia, raw))


@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize("sort", [name for name in SORTS if name != "name"])
def test_no_order_depends_on_its_facts(closed: Customer, world: World, pia: Any, sort: str, way: str) -> None:
    others = world.customers(3, partner=world.acme)
    world.edges(others[0], 2)
    before = names(page(pia, {}, sort=way + sort))
    Customer.objects.filter(pk=closed.pk).update(
        account_key="aaa",
        domain_key="aaa",
        alerts_enabled=True,
        edge_image_management=True,
        created_at="2001-01-01T00Z",
    )
    world.edges(closed, 20)
    assert names(page(pia, {}, sort=way + sort)) == before
    assert "Mystery Ltd" in before


@pytest.mark.parametrize("sort", list(SORTS))
def test_pages_walk_over_it_in_every_order(closed: Customer, world: World, pia: Any, sort: str) -> None:
    world.customers(4, partner=world.acme)
    seen: list[str] = []
    after = None
    for _turn in range(10):
        found = page(pia, {}, sort=sort, limit=2, after=after)
        seen += names(found)
        after = found.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 6


def test_rest_says_the_name_only(closed: Customer, world: World) -> None:
    script = Script(world.pia)
    (row,) = [row for row in script.get("/customers").json()["data"] if row["id"] == closed.pk]
    assert row == {
        "id": closed.pk,
        "name": "Mystery Ltd",
        "partner_id": world.acme.pk,
        "partner": "Acme Partners",
        "partner_access": False,
    }
    for method, body in (("GET", None), ("PATCH", {"city": "Bern"})):
        answer = script.ask(method, f"/customers/{closed.pk}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "partner_access_withdrawn")
    assert script.get("/edges").json()["data"] == []
    assert script.get(f"/events?customer={closed.pk}").json()["data"] == []


def test_the_pages_show_a_lock_with_the_reason_and_open_nothing(closed: Customer, world: World) -> None:
    browser = signed_in(world.pia)
    columns = ",".join(column.name for column in COLUMNS)
    shown = browser.get(f"/customers?columns={columns}").content.decode()
    assert "Mystery Ltd" in shown
    assert "Has not given its partner access" in shown
    assert f'href="/customers/{closed.pk}"' not in shown
    for secret in SECRETS:
        assert secret not in shown
    for rest in ("", "/panel", "/settings", "/events"):
        answer = browser.get(f"/customers/{closed.pk}{rest}")
        assert answer.status_code == 403
        assert not any(secret in answer.content.decode() for secret in SECRETS)
    for typed in ("Mystery", "Edge 9001", "S-4711"):
        found = browser.get(f"/search?q={typed}").content.decode()
        assert not any(secret in found.replace(f"“{typed}”", "") for secret in SECRETS if secret != typed)
    assert "Mystery Ltd" in browser.get("/search?q=myst").content.decode()
    assert "Mystery Ltd" not in browser.get("/search?q=S-4711").content.decode()


@pytest.mark.django_db(transaction=True)
def test_files_hold_the_name_only(closed: Customer, world: World) -> None:
    browser = signed_in(world.pia)
    ticket = browser.post(
        "/customers/selection-file", {"select": f'{{"ids":[{closed.pk}]}}', "view": "?columns=city,name"}
    )
    addresses = [
        "/api/v1/exports/customers.csv",
        "/api/v1/exports/edge-inventory.csv",
        "/api/v1/exports/view.csv?columns=name,city,edges,account_number&sort=-edges",
        ticket["HX-Redirect"],
    ]
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200
        file = b"".join(answer.streaming_content).decode()
        assert not any(secret in file for secret in SECRETS), (address, file)
        assert ("Mystery Ltd" in file) == ("edge-inventory" not in address)


def test_an_action_with_one_customer_is_refused_before_it_shows_anything(closed: Customer, world: World) -> None:
    world.user("secret.admin@secret.example", "customer", "customer-superuser", customer=closed)
    browser = signed_in(world.pia, headers={"HX-Request": "true"})
    select = {"select": f'{{"ids":[{closed.pk}]}}', "subject": "Hello", "message": "Text", "to": "x@y.example"}
    for path in ("/actions/support-email/dialog", "/actions/support-email/preview", "/actions/modify-customer/dialog"):
        answer = browser.post(path, select)
        assert answer.status_code == 409
        assert "has not given its partner access" in answer.content.decode()
        assert "secret.example" not in answer.content.decode()


def test_an_action_with_many_leaves_it_alone_and_says_why(closed: Customer, world: World, pia: Any) -> None:
    select = {"ids": [closed.pk, world.contoso.pk]}
    raw = {"enabled": "false"}
    shown = preview(pia, MENU["update-customer-alerts"], select=select, raw=raw, now=NOW)
    assert [(each.code, each.count) for each in shown.reasons] == [("access_withdrawn", 1)]
    job = submit(pia.through("api"), MENU["update-customer-alerts"], select=select, raw=raw, now=NOW)
    assert (job.changed, job.refused) == (1, 1)
    with pytest.raises(InvalidParams):
        submit(pia, MENU["modify-customer"], select={"ids": [closed.pk]}, raw={"city": "Bern"}, now=NOW)


def test_its_events_are_not_told_but_what_gave_and_took_access(closed: Customer, world: World, pia: Any) -> None:
    about = {"at": NOW, "customer_id": closed.pk, "partner_id": world.acme.pk, "actor_name": "x", "door": "web"}
    for name in ("UPDATE_ENTERPRISE", "ENTERPRISE_DISABLE_PROXY_ACCESS", "CREATE_USER"):
        Event.objects.create(name=name, after={"city": "Mum City"} if name.startswith("UPDATE") else None, **about)
    assert [event.name for event in events_for(pia)] == ["ENTERPRISE_DISABLE_PROXY_ACCESS"]
    assert events_for(world.actor(world.olga)).count() == 3


def test_what_a_job_did_to_it_before_is_no_longer_told(world: World) -> None:
    script = Script(world.pia)
    select = {"select": {"ids": [world.contoso.pk]}, "params": {"enabled": False}}
    job = script.post("/actions/update-customer-alerts", select).json()["id"]
    path = f"/jobs/{job}/outcomes?outcome=changed"
    assert script.get(path).json()["data"][0]["after"] == {"alerts_enabled": False}
    Customer.objects.filter(pk=world.contoso.pk).update(partner_access=False)
    assert script.get(path).json()["data"][0]["after"] is None


def test_the_doors_of_others_stay_as_they_are(closed: Customer, world: World) -> None:
    carla = world.user("c@mystery.example", "customer", "customer-superuser", customer=closed)
    assert open_customers_for(world.actor(carla)).get() == closed
    assert edges_for(world.actor(carla)).count() == 5
    assert edges_for(world.actor(world.olga)).count() == 5
    assert edges_for(world.actor(world.pia)).count() == 0
    assert names(page(world.actor(carla), {"city.isNot": "x"})) == ["Mystery Ltd"]


def test_names_of_others_stand_in_no_chip_and_no_choice(world: World) -> None:
    browser = signed_in(world.pia)
    foreign = world.pool.__class__.objects.create(name="Zenith own", name_key="zenith own", partner=world.zenith)
    shown = browser.get(f"/customers?partner={world.zenith.pk}&gateway_pool={foreign.pk}").content.decode()
    assert "Zenith" not in shown
    assert "Zenith" not in browser.get("/customers/filter").content.decode()
