"""MOD-05: of a customer that withdrew operator access, operators learn what identifies it, through no door more."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick import audit
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.listing import counting, grid, statements
from bailiwick.engine.listing.filters import FIELDS, InvalidFilter, matching
from bailiwick.engine.listing.grid import page
from bailiwick.engine.listing.sorts import SORTS
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, JobRefusal
from bailiwick.web.customers.columns import COLUMNS
from tests.access.mystery import mystery, names
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

SECRETS = ("Hush Street", "Mum City", "hush@hidden.example", "Edge 9001", "Whisper", "Unspoken")
TOLD = ("name", "account_number", "domain", "partner", "logical_id")


@pytest.fixture
def closed(world: World) -> Customer:
    """A customer that lets no operator in."""
    return mystery(world, operator_access=False)


@pytest.fixture
def olga(world: World) -> Any:
    return world.actor(world.olga)


def test_mod_05_the_row_stays_in_the_list_and_says_what_identifies_it(closed: Customer, olga: Any) -> None:
    for raw in ({}, {"search": "mystery"}):
        (row,) = [row for row in page(olga, raw, detail=True).rows if row.name == "Mystery Ltd"]
        told = {name for name, value in row._asdict().items() if value not in (None, "")}
        edge_defaults = {"edge_configuration_updates", "edge_configuration_updates_on_upgrade"}
        assert told - edge_defaults == {
            "id", "logical_id", "name", "account_number", "domain", "partner_id", "operator_access",
        }  # fmt: skip


@pytest.mark.parametrize("text", ["mum", "whisper", "um ci", "hisp"])
def test_mod_05_a_search_for_a_contact_or_a_city_does_not_find_it(
    closed: Customer, world: World, olga: Any, text: str
) -> None:
    assert names(page(olga, {"search": text})) == []
    assert names(page(world.actor(world.pia), {"search": text})) == ["Mystery Ltd"]


@pytest.mark.parametrize("text", ["mystery", "MYS", "my", "s-4711", "4711", "secret", "s-"])
def test_a_search_for_what_identifies_it_finds_it(closed: Customer, olga: Any, text: str) -> None:
    assert names(page(olga, {"search": text})) == ["Mystery Ltd"]


@pytest.mark.parametrize(
    "raw", [{"name.startsWith": "mys"}, {"account_number.is": "s-4711"}, {"domain.contains": "secret"}]
)
def test_filters_of_what_identifies_it_work(closed: Customer, olga: Any, raw: dict[str, str]) -> None:
    assert names(page(olga, raw)) == ["Mystery Ltd"]
    assert names(page(olga, {"partner": closed.partner_id, **raw})) == ["Mystery Ltd"]


VALUES = {"state": "up", "country": "CH", "created_from": "2000-01-01", "created_to": "2100-01-01"}


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in ("search", "partner")])
def test_mod_05_no_other_filter_tells_anything(closed: Customer, world: World, olga: Any, name: str) -> None:
    for value in (VALUES.get(name, "0"), "false", "true", "1", world.pool.pk, "CERTIFICATE_OPTIONAL", "UNCONFIGURED"):
        try:
            found = matching(olga, {name: value})
        except InvalidFilter:
            continue
        assert closed not in found


@pytest.mark.parametrize("raw", [{"city.isNot": "x"}, {"edges.greaterOrEquals": "0"}, {"contact_name.isNull": "1"}])
def test_mod_05_no_negation_tells_anything(closed: Customer, olga: Any, raw: dict[str, str]) -> None:
    assert "Mystery Ltd" not in names(page(olga, raw))


@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize("sort", [name for name in SORTS if name not in TOLD])
def test_mod_05_no_order_depends_on_its_facts(closed: Customer, world: World, olga: Any, sort: str, way: str) -> None:
    others = world.customers(3, partner=world.acme)
    world.edges(others[0], 2)
    before = names(page(olga, {}, sort=way + sort))
    Customer.objects.filter(pk=closed.pk).update(
        alerts_enabled=True, operator_alerts_enabled=False, edge_image_management=True, created_at="2001-01-01T00Z"
    )
    closed.detail.__class__.objects.filter(pk=closed.pk).update(city="Aaa", contact_name="Aaa", latitude=1.5)
    world.edges(closed, 20)
    assert names(page(olga, {}, sort=way + sort)) == before
    assert (before if way else before[::-1])[-1] == "Mystery Ltd"


@pytest.mark.parametrize("walked", [False, True])
@pytest.mark.parametrize("way", ["", "-"])
def test_pages_walk_over_them_in_every_order_forth_and_back(
    closed: Customer, world: World, olga: Any, way: str, monkeypatch: pytest.MonkeyPatch, *, walked: bool
) -> None:
    world.customers(3, operator_access=False)
    for customer in world.customers(4, partner=world.acme):
        world.edges(customer, 1)
    raw = {"name.notContains": "zzz"}
    if walked:
        monkeypatch.setattr(grid, "CAP", 1)
        monkeypatch.setattr(statements, "CAP", 1)
    for sort in SORTS:
        counting._large.clear()
        pages = [page(olga, raw, sort=way + sort, limit=3)]
        while pages[-1].next:
            pages.append(page(olga, raw, sort=way + sort, limit=3, after=pages[-1].next))
        seen = [name for each in pages for name in names(each)]
        assert (sort, len(seen), len(set(seen))) == (sort, 9, 9)
        assert seen == names(page(olga, {}, sort=way + sort)), sort
        back = pages[-1]
        for earlier in reversed(pages[:-1]):
            back = page(olga, raw, sort=way + sort, limit=3, before=back.previous)
            assert names(back) == names(earlier), sort
    counting._large.clear()


def test_the_place_of_a_closed_customer_opens_no_page_where_nothing_is_closed(closed: Customer, world: World) -> None:
    token = page(world.actor(world.olga), {}, sort="city", limit=1).next
    carla = world.user("c@mystery.example", "customer", "customer-superuser", customer=closed)
    with pytest.raises(InvalidParams) as refusal:
        page(world.actor(carla), {}, sort="city", after=token)
    assert refusal.value.errors["after"][0]["code"] == "page_gone"


def test_mod_05_rest_says_what_identifies_it_and_opens_nothing(closed: Customer, world: World) -> None:
    script = Script(world.olga)
    (row,) = [row for row in script.get("/customers").json()["data"] if row["id"] == closed.pk]
    assert row == {
        "id": closed.pk,
        "logical_id": str(closed.logical_id),
        "name": "Mystery Ltd",
        "account_number": "S-4711",
        "domain": "secret.example",
        "partner_id": world.acme.pk,
        "partner": "Acme Partners",
        "operator_access": False,
    }
    answer = script.get(f"/customers/{closed.pk}")
    assert (answer.status_code, answer.json()["code"]) == (403, "operator_access_withdrawn")
    answer = script.ask("PATCH", f"/customers/{closed.pk}", {"city": "Bern"})
    assert (answer.status_code, answer.json()["errors"]["select"][0]["code"]) == (409, "access_withdrawn")


def test_mod_05_the_pages_show_a_lock_with_the_reason_and_no_fact(closed: Customer, world: World) -> None:
    browser = signed_in(world.olga)
    columns = ",".join(column.name for column in COLUMNS)
    shown = browser.get(f"/customers?columns={columns}").content.decode()
    assert all(told in shown for told in ("Mystery Ltd", "S-4711", "secret.example", "Has withdrawn operator access"))
    assert f'href="/customers/{closed.pk}"' not in shown
    pages = [f"/customers/{closed.pk}{rest}" for rest in ("", "/panel", "/settings", "/events")]
    assert {browser.get(address).status_code for address in pages} == {403}
    pages += [f"/search?q={typed}" for typed in ("Mystery", "Edge", "mum", "whisper")]
    found = shown + "".join(browser.get(address).content.decode() for address in pages)
    assert [secret for secret in SECRETS if secret in found] == []
    assert "Mystery Ltd" in browser.get("/search?q=myst").content.decode()


def test_mod_05_events_keep_who_and_when_but_not_what_stood_inside(closed: Customer, world: World) -> None:
    carla = world.actor(world.user("c@mystery.example", "customer", "customer-superuser", customer=closed))
    after = {"city": "Mum City", "operator_access": False}
    audit.record(carla, "UPDATE_ENTERPRISE", subject="Mystery Ltd", customer=closed, after=after, at=NOW,
                 category="ENTERPRISE")  # fmt: skip
    told = Script(world.olga).get(f"/events?customer={closed.pk}").json()["data"]
    assert [(event["name"], event["after"]) for event in told] == [("UPDATE_ENTERPRISE", {"operator_access": False})]
    browser = signed_in(world.olga)
    shown = browser.get("/events").content.decode() + b"".join(browser.get("/events.csv").streaming_content).decode()
    assert "Mystery Ltd" in shown
    assert "Mum City" not in shown
    Customer.objects.filter(pk=closed.pk).update(operator_access=True)
    assert Script(world.olga).get(f"/events?customer={closed.pk}").json()["data"][0]["after"] == after


@pytest.mark.parametrize("slug", ["update-customer-alerts", "update-pre-notifications"])
def test_mod_05_a_flag_for_many_leaves_it_alone_and_says_why(
    closed: Customer, world: World, olga: Any, slug: str
) -> None:
    select, raw = {"ids": [closed.pk, world.contoso.pk]}, {"enabled": "false"}
    shown = preview(olga, MENU[slug], select=select, raw=raw, now=NOW)
    assert [(each.code, each.count) for each in shown.reasons] == [("access_withdrawn", 1)]
    assert [row["customer"] for row in shown.sample] == ["Contoso"]
    job = submit(olga.through("api"), MENU[slug], select=select, raw=raw, now=NOW)
    assert (job.changed, job.refused) == (1, 1)
    assert JobRefusal.objects.get(job=job).code == "access_withdrawn"


@pytest.mark.parametrize("slug", ["modify-customer", "support-email"])
def test_mod_05_an_action_with_one_customer_is_refused_before_it_shows_anything(
    closed: Customer, world: World, slug: str
) -> None:
    browser = signed_in(world.olga, headers={"HX-Request": "true"})
    select = {"select": f'{{"ids":[{closed.pk}]}}', "subject": "Hello", "message": "Text", "to": "x@y.example"}
    answer = browser.post(f"/actions/{slug}/dialog", select)
    assert answer.status_code == 409
    assert "has withdrawn operator access" in answer.content.decode()
    assert not any(secret in answer.content.decode() for secret in SECRETS)


def test_the_provider_still_decides_what_becomes_of_it(closed: Customer, world: World, olga: Any) -> None:
    """Whose customer it is, and whether it is one, is not inside of it (REL-03 warns only)."""
    select = {"ids": [closed.pk]}
    assert submit(olga, MENU["release-from-partner"], select=select, raw={}, now=NOW).changed == 1
    direct = world.customer("Direct", operator_access=False)
    for slug in ("delete-customer", "restore-customer"):
        assert submit(olga.through("api"), MENU[slug], select={"ids": [direct.pk]}, raw={}, now=NOW).changed == 1


def test_nothing_changes_for_its_partner_and_its_own_users(closed: Customer, world: World) -> None:
    carla = world.user("c@mystery.example", "customer", "customer-superuser", customer=closed)
    for user in (world.pia, carla):
        (row,) = page(world.actor(user), {"city.is": "mum city"}, detail=True).rows
        assert (row.name, row.city, row.edges) == ("Mystery Ltd", "Mum City", 5)
