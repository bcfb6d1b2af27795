"""Records over REST: lists with filters and pages, one row, changing one without losing anybody's change."""

from __future__ import annotations

import pytest

from bailiwick.models import Customer
from tests.api.client import Script
from tests.world import World


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def test_the_list_sorts_pages_and_counts(world: World, olga: Script) -> None:
    for number, customer in enumerate(world.customers(5), start=1):
        world.edges(customer, number)
    first = olga.get("/customers?sort=-edges&limit=3").json()
    assert [row["edges"] for row in first["data"]] == [5, 4, 3]
    assert (first["count"], first["exact"]) == (6, True)
    second = olga.get(f"/customers?sort=-edges&limit=3&after={first['next']}").json()
    assert [row["edges"] for row in second["data"]] == [2, 1, 0]
    assert second["next"] is None
    back = olga.get(f"/customers?sort=-edges&limit=3&before={second['previous']}").json()
    assert back["data"] == first["data"]


def test_every_filter_of_the_list_works_by_its_name(world: World, olga: Script) -> None:
    world.customer("Fabrikam", partner=world.zenith)
    found = olga.get("/customers?search=fabri").json()["data"]
    assert [(row["name"], row["partner"]) for row in found] == [("Fabrikam", "Zenith")]
    assert olga.get(f"/customers?partner={world.acme.pk}").json()["count"] == 1
    assert olga.get("/customers?name.startsWith=fab").json()["count"] == 1


def test_a_partner_sees_its_own_customers_only(world: World) -> None:
    world.customer("Fabrikam", partner=world.zenith)
    names = [row["name"] for row in Script(world.pia).get("/customers").json()["data"]]
    assert names == ["Contoso"]


def test_one_customer_has_its_facts_and_counters(world: World, olga: Script) -> None:
    world.edges(world.contoso, 2)
    shown = olga.get(f"/customers/{world.contoso.pk}")
    body = shown.json()
    assert (body["name"], body["edges"], body["edges_connected"], body["partner"]) == ("Contoso", 2, 2, "Acme Partners")
    assert shown.headers["ETag"] == '"1"'
    assert body["timezone"] == "UTC"


def test_a_customer_that_withdrew_operator_access_is_not_opened(world: World, olga: Script) -> None:
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    answer = olga.get(f"/customers/{world.contoso.pk}")
    assert (answer.status_code, answer.json()["code"]) == (403, "operator_access_withdrawn")
    assert Script(world.pia).get(f"/customers/{world.contoso.pk}").status_code == 200


def test_the_edges_of_a_customer_that_withdrew_operator_access_are_seen_by_its_partner_only(
    world: World, olga: Script
) -> None:
    edge = world.edges(world.contoso, 1)[0]
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    assert olga.get(f"/edges?customer={world.contoso.pk}").json()["data"] == []
    assert olga.get(f"/edges/{edge.pk}").status_code == 404
    assert Script(world.pia).get(f"/edges/{edge.pk}").status_code == 200


def test_mod_03_a_customer_user_does_not_see_the_account_number(world: World, olga: Script) -> None:
    carla = Script(world.carla)
    assert olga.get(f"/customers/{world.contoso.pk}").json()["account_number"]
    assert carla.get(f"/customers/{world.contoso.pk}").json()["account_number"] == ""
    assert [row["account_number"] for row in carla.get("/customers").json()["data"]] == [""]


def test_a_change_with_a_stale_etag_is_refused_and_says_who_was_faster(world: World, olga: Script) -> None:
    path = f"/customers/{world.contoso.pk}"
    changed = olga.ask("PATCH", path, {"city": "Zürich"}, If_Match='"1"')
    assert (changed.status_code, changed.json()["city"], changed.headers["ETag"]) == (200, "Zürich", '"2"')
    stale = olga.ask("PATCH", path, {"city": "Bern"}, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert "olga@operator.example" in stale.content.decode()
    assert olga.ask("PATCH", path, {"city": "Bern"}, If_Match='"2"').status_code == 200
    assert olga.ask("PATCH", path, {"city": "Chur"}, If_Match="nonsense").status_code == 412
    body_version = olga.ask("PATCH", path, {"city": "Chur", "version": 1})
    assert (body_version.status_code, body_version.json()["code"]) == (409, "stale")


def test_a_change_that_conflicts_names_the_field(world: World, olga: Script) -> None:
    world.customer("Fabrikam")
    answer = olga.ask("PATCH", f"/customers/{world.contoso.pk}", {"name": "FABRIKAM"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    assert answer.json()["errors"]["name"][0]["code"] == "name_taken"


def test_partners_edges_and_events_are_bounded_by_the_portal(world: World, olga: Script) -> None:
    edge = world.edges(world.contoso, 3)[0]
    assert len(olga.get("/partners?limit=1").json()["data"]) == 1
    assert [row["name"] for row in Script(world.pia).get("/partners").json()["data"]] == ["Acme Partners"]
    assert len(olga.get(f"/edges?customer={world.contoso.pk}").json()["data"]) == 3
    assert olga.get(f"/edges/{edge.pk}").json()["state"] == "CONNECTED"
    assert Script(world.stranger).get(f"/edges/{edge.pk}").status_code == 404
    olga.post("/actions/update-customer-alerts", {"select": {"ids": [world.contoso.pk]}, "params": {"enabled": False}})
    events = olga.get(f"/events?customer={world.contoso.pk}").json()["data"]
    assert [(event["name"], event["door"]) for event in events] == [("CUSTOMER_ALERTS_UPDATED", "api")]
    assert Script(world.stranger).get(f"/events?customer={world.contoso.pk}").json()["data"] == []


def test_events_are_filtered_as_on_their_page(world: World, olga: Script) -> None:
    for enabled in (False, True):
        body = {"select": {"ids": [world.contoso.pk]}, "params": {"enabled": enabled}}
        olga.post("/actions/update-customer-alerts", body)

    def found(query: str) -> int:
        return len(olga.get(f"/events?name=customer_alerts_updated&{query}").json()["data"])

    for query in (
        "actor=OLGA@",
        "subject=contoso",
        "door=api",
        "since=2020-01-01T00:00:00",
        "until=2099-01-01T00:00:00Z",
    ):
        assert found(query) == 2, query
    for query in (
        "actor=stan",
        "subject=%00",
        "door=shell",
        "since=2099-01-01T00:00:00",
        "category=ALERT",
        "partner=1",
    ):
        assert found(query) == 0, query
    page = olga.get("/events?name=CUSTOMER_ALERTS_UPDATED&limit=1").json()
    assert found(f"after={page['next']}") == 1
    assert found("since=2001-01-01T00:00:00-23:59") == 2
    for query in ("since=yesterday", "door=window", "job=0", "until=9999-12-31T23:59:59-10:00"):
        answer = olga.get(f"/events?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [query.partition("=")[0]])


def test_the_bin_is_listed_for_who_may_restore(world: World, olga: Script) -> None:
    gone = world.customer("Fabrikam", partner=world.zenith)
    olga.post("/actions/delete-customer", {"select": {"ids": [gone.pk]}, "confirm": 1})
    (row,) = olga.get("/deleted-customers").json()["data"]
    assert (row["id"], row["name"], row["deleted_by"], row["days_left"]) == (gone.pk, "Fabrikam", world.olga.email, 30)
    assert [each["id"] for each in Script(world.stranger).get("/deleted-customers").json()["data"]] == [gone.pk]
    assert Script(world.pia).get("/deleted-customers").json()["data"] == []
    assert Script(world.sam).get("/deleted-customers").status_code == 403


def test_a_system_property_is_changed_on_a_fresh_page_only(world: World, olga: Script) -> None:
    path = "/system-properties/vco.alert.mail.to"
    shown = olga.get(path)
    tag = shown.headers["ETag"]
    changed = olga.ask("PUT", path, {"value": "noc@operator.example"}, If_Match=tag)
    assert (changed.status_code, changed.json()["value"]) == (200, "noc@operator.example")
    assert olga.ask("PUT", path, {"value": ""}, If_Match=tag).status_code == 412
    wrong = olga.ask("PUT", path, {"value": "no address"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["value"])
    assert olga.ask("PUT", path, {}).json()["errors"]["value"][0]["code"] == "required"
    assert Script(world.sam).get(path).status_code == 403
    restricted = "/system-properties/session.options.disableCreateEnterprise"
    assert Script(world.stan).ask("PUT", restricted, {"value": True}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/events", "/edges", "/jobs", "/partners", "/users", "/transfer-offers", "/deleted-customers"]
)
def test_a_filter_that_does_not_exist_is_refused_and_not_answered_with_everything(olga: Script, path: str) -> None:
    answer = olga.get(f"{path}?customer_id=412&limit=5")
    assert (answer.status_code, answer.json()["errors"]["customer_id"][0]["code"]) == (422, "unknown_filter")
    assert olga.get(f"{path}?limit=5").status_code == 200


def test_what_has_no_pages_takes_no_limit(olga: Script) -> None:
    assert olga.get("/system-properties?limit=5").json()["errors"]["limit"][0]["code"] == "unknown_filter"
