"""Clone Customer: acceptance cases CLO-01 to CLO-10 (domain 20.2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from bailiwick.access.actor import Actor, NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.configuration import keep
from bailiwick.engine.configuration.clone import FEW, copy_to
from bailiwick.engine.configuration.kinds import BLOCKERS, KINDS
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import ConfigurationObject, Customer, Edge, Event, Gateway, GatewayPool, Job, Token, User
from bailiwick.web.menu import why_not
from tests.api.client import Script
from tests.configured import ALERTS, ROUTING, SECURITY, add, furnish, one, said
from tests.world import NOW, World

ACTION = MENU["clone-customer"]
TAILSPIN = {"name": "Tailspin", "account_number": "T-1"}
ON_REQUEST = {"security-policy": SECURITY, "alert-configuration": ALERTS, "routing-preferences": ROUTING}
EVERYTHING = {"security_policy": True, "alert_configuration": True, "routing_preferences": True}


def example(world: World) -> dict[str, Any]:
    return {**TAILSPIN, "template": world.contoso.pk}


def clone(actor: Actor, template: Customer, **raw: Any) -> Job:
    return submit(actor, ACTION, raw={**TAILSPIN, "template": template.pk, **raw}, now=NOW)


def copy_of(actor: Actor, template: Customer, **raw: Any) -> Customer:
    job = clone(actor, template, **raw)
    assert job.state == "done", job.error
    return Customer.objects.get(pk=job.result["id"])


def refused(actor: Actor, template: Customer, **raw: Any) -> list[dict[str, Any]]:
    with pytest.raises(InvalidParams) as error:
        clone(actor, template, **raw)
    assert error.value.status == 409
    return error.value.errors["template"]


def hinder(world: World, code: str, *, customer: Customer | None = None) -> None:
    """Adds what alone makes the customer no template."""
    actor, customer = world.actor(world.olga), customer or world.contoso
    profile = add(actor, customer, "profile", name=f"for {code}")
    segment = add(actor, customer, "segment", name=f"of {code}")
    if code == "HUB_REFERENCE":
        hub = str(world.edges(customer)[0].logical_id)
        add(actor, customer, "device-settings", {"segments": [{"segment": segment, "hubs": [hub]}]}, parent_id=profile)
    elif code == "PARTNER_GATEWAY":
        gateway = Gateway.objects.create(name="Zürich 1", name_key="zürich 1")
        gateway.pools.add(world.pool)
        settings = {"segments": [{"segment": segment, "partner_gateways": [str(gateway.logical_id)]}]}
        add(actor, customer, "device-settings", settings, parent_id=profile)
    else:
        kind = next(kind for kind in KINDS.values() if kind.blocker == code)
        add(actor, customer, kind.slug, SERVICES[kind.slug])


READ = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'bailiwick_configurationobject'"
SERVICES = {
    "cloud-security-service": {"primary": "swg.example"},
    "non-sdwan-destination": {"primary": "203.0.113.9"},
    "vnf": {"vendor": "FORTINET"},
    "authentication-service": {"server": "10.0.0.9"},
    "netflow-collector": {"address": "10.0.0.8"},
}


def test_clo_01_the_selected_customer_is_the_template(world: World) -> None:
    actor, select = world.actor(world.olga), {"ids": [world.contoso.pk]}
    shown = preview(actor, ACTION, select=select, raw=TAILSPIN, now=NOW)
    assert shown.params["template"] == world.contoso
    job = submit(actor, ACTION, select=select, raw=TAILSPIN, now=NOW)
    assert job.result["template"] == world.contoso.pk


@pytest.mark.parametrize("count", [0, 2])
def test_clo_02_no_row_or_two_rows_disable_it(world: World, count: int) -> None:
    assert why_not(world.actor(world.olga), ACTION, count)
    assert not why_not(world.actor(world.olga), ACTION, 1)


def test_clo_02_two_rows_are_refused_to_a_script(world: World) -> None:
    ids = [world.contoso.pk, world.customer("Fabrikam").pk]
    with pytest.raises(InvalidParams, match="one customer only"):
        submit(world.actor(world.olga), ACTION, select={"ids": ids}, raw=TAILSPIN, now=NOW)


def test_a_selection_and_a_template_that_differ_are_refused_and_the_same_twice_is_not(world: World) -> None:
    other, olga = world.customer("Fabrikam"), Script(world.olga)
    params = {**TAILSPIN, "template": world.contoso.pk}
    answer = olga.post("/actions/clone-customer", {"select": {"ids": [other.pk]}, "params": params})
    assert (answer.status_code, answer.json()["errors"]["template"][0]["code"]) == (422, "not_selected")
    assert not Customer.objects.filter(name=TAILSPIN["name"]).exists()
    same = olga.post("/actions/clone-customer", {"select": {"ids": [world.contoso.pk]}, "params": params})
    assert same.status_code in (200, 201, 202)


def test_clo_03_the_copy_is_equal_and_a_change_of_it_leaves_the_template_as_it_was(world: World) -> None:
    olga = world.actor(world.olga)
    made = furnish(olga, world.contoso)
    before = said(world.contoso.pk)
    copy = copy_of(olga, world.contoso, **EVERYTHING)
    assert said(copy.pk) == [row for row in before if row[1] != "cost-calculation"]
    draft = keep.Draft("Cards", {"type": "PRIVATE"})
    keep.update(olga, copy.pk, made["segment"], draft, version=1, now=NOW)
    assert one(copy, "segment").body == {"type": "PRIVATE"}
    assert said(world.contoso.pk) == before


def test_clo_04_cost_calculation_is_left_out_and_the_result_says_so(world: World) -> None:
    olga = world.actor(world.olga)
    furnish(olga, world.contoso)
    shown = preview(olga, ACTION, select=None, raw=example(world), now=NOW)
    assert any("Not copied" in each and "Cost calculation (1)" in each for each in shown.consequences)
    job = clone(olga, world.contoso)
    assert job.result["left_out"]["cost-calculation"] == 1
    assert not ConfigurationObject.objects.filter(customer_id=job.result["id"], kind="cost-calculation").exists()


@pytest.mark.parametrize("code", BLOCKERS)
def test_clo_05_each_alone_hinders_and_is_named(world: World, code: str) -> None:
    hinder(world, code)
    (problem,) = refused(world.actor(world.olga), world.contoso)
    assert (problem["code"], problem["message"]) == ("NOT_CLONEABLE", str(BLOCKERS[code]))


def test_clo_05_all_that_hinders_is_said_at_once(world: World) -> None:
    for code in BLOCKERS:
        hinder(world, code)
    told = refused(world.actor(world.olga), world.contoso)
    assert [each["message"] for each in told] == [str(because) for because in BLOCKERS.values()]


def test_clo_06_without_a_tick_what_is_on_request_has_its_defaults(world: World) -> None:
    olga = world.actor(world.olga)
    furnish(olga, world.contoso)
    copy = copy_of(olga, world.contoso)
    assert not ConfigurationObject.objects.filter(customer=copy, kind__in=ON_REQUEST).exists()


def test_clo_07_with_all_ticked_it_equals_the_templates(world: World) -> None:
    olga = world.actor(world.olga)
    furnish(olga, world.contoso)
    copy = copy_of(olga, world.contoso, **EVERYTHING)
    assert {kind: one(copy, kind).body for kind in ON_REQUEST} == ON_REQUEST


def test_clo_08_what_the_template_gains_after_the_preview_is_a_conflict(world: World) -> None:
    olga = world.actor(world.olga)
    preview(olga, ACTION, select=None, raw=example(world), now=NOW)
    hinder(world, "NON_SDWAN_DESTINATION")
    (problem,) = refused(olga, world.contoso)
    assert problem["code"] == "NOT_CLONEABLE"
    assert not Customer.objects.filter(name="Tailspin").exists()


@pytest.mark.parametrize("who", ["stan", "bea", "sam"])
def test_clo_09_only_superusers_clone(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        clone(world.actor(getattr(world, who)), world.contoso)


def test_clo_10_no_edge_user_token_or_event_of_the_template_is_in_the_copy(world: World) -> None:
    olga = world.actor(world.olga)
    furnish(olga, world.contoso)
    world.edges(world.contoso, 3)
    copy = copy_of(olga, world.contoso)
    mine = {"customer_id": copy.pk}
    assert [table.objects.filter(**mine).count() for table in (Edge, User, Token)] == [0, 0, 0]
    assert list(Event.objects.filter(**mine).values_list("name", flat=True)) == ["CREATE_ENTERPRISE"]
    assert copy.logical_id != world.contoso.logical_id
    assert copy.partner_id is None


def test_a_script_that_says_nothing_gets_what_the_template_has(world: World) -> None:
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=True, edge_image_management=True)
    other = GatewayPool.objects.create(name="Other", name_key="other")
    Customer.objects.filter(pk=world.contoso.pk).update(gateway_pool=other)
    copy = copy_of(world.actor(world.olga), world.contoso)
    assert (copy.operator_user_management, copy.edge_image_management, copy.gateway_pool) == (True, True, other)
    assert not copy_of(
        world.actor(world.olga), world.contoso, name="Wing", account_number="W", operator_user_management=False
    ).operator_user_management


def test_with_resolve_references_what_hinders_is_copied_and_left_to_choose(world: World) -> None:
    olga = world.actor(world.olga)
    for code in BLOCKERS:
        hinder(world, code)
    edge = Edge.objects.get(customer=world.contoso)
    job = clone(olga, world.contoso, resolve_references=True)
    copied = ConfigurationObject.objects.filter(customer_id=job.result["id"])
    settings = [row.body["segments"][0] for row in copied.filter(kind="device-settings")]
    assert [each.get("hubs_to_choose") for each in settings] == [[edge.name], None]
    assert [each.get("partner_gateways_to_choose") for each in settings] == [None, ["Zürich 1"]]
    assert not any({"hubs", "partner_gateways"} & each.keys() for each in settings)
    assert job.result["emptied"] == [f"Device-Settings: {edge.name}", "Device-Settings: Zürich 1"]
    assert {row.kind for row in copied} >= SERVICES.keys()


def test_a_partner_clones_its_own_customer_and_finds_no_other_one(world: World) -> None:
    pia, fabrikam = world.actor(world.pia), world.customer("Fabrikam", partner=world.zenith)
    copy = copy_of(pia, world.contoso)
    assert copy.partner == world.acme
    with pytest.raises(InvalidParams) as error:
        clone(pia, fabrikam, name="Wing", account_number="W")
    with pytest.raises(InvalidParams) as invented:
        submit(pia, ACTION, raw={**TAILSPIN, "name": "Wing", "account_number": "W", "template": 10**9}, now=NOW)
    assert error.value.errors == invented.value.errors


def test_a_customer_that_lets_nobody_in_is_no_template(world: World) -> None:
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    with pytest.raises(InvalidParams):
        clone(world.actor(world.olga), world.contoso)


def test_many_copies_do_not_read_the_table_for_each_row(world: World) -> None:
    """A session that has planned its keys while the table was small looks them up by index all the same."""
    furnish(world.actor(world.olga), world.contoso)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bailiwick_configurationobject")
        copy_to(world.contoso.pk, [world.customer("First").pk], asked=(), now=NOW)
        copies = world.customers(FEW + 1)
        cursor.execute(READ)
        before = cursor.fetchall()[0][0]
        copy_to(world.contoso.pk, [each.pk for each in copies], asked=(), now=NOW)
        cursor.execute(READ)
        assert cursor.fetchall()[0][0] - before < 1_000, "Thousands, where each of 130 rows reads all that are there."
