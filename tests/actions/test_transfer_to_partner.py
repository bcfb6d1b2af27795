"""Transfer to Partner (domain 8.2, 20.7)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from bailiwick.access.actor import NotAllowed
from bailiwick.access.opening import open_customer
from bailiwick.access.scope import customers_for, events_for, gateway_pools_for, operator_profiles_for
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.preview import preview
from bailiwick.engine.progress import outcomes
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    CustomerDetail,
    CustomerSearch,
    CustomerStat,
    Edge,
    Event,
    GatewayPool,
    Job,
    OperatorProfile,
    Partner,
    User,
)
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

ACTION = MENU["transfer-to-partner"]


def example(world: World) -> dict[str, Any]:
    return {"partner": world.zenith.pk}


def transfer(world: World, *customers: Customer, **params: Any) -> Job:
    select = {"ids": [customer.pk for customer in customers]}
    raw = {"partner": world.zenith.pk, **params}
    return submit(world.actor(world.olga, "api"), ACTION, select=select, raw=raw, now=NOW)


def pool(name: str, **values: Any) -> GatewayPool:
    return GatewayPool.objects.create(name=name, name_key=name.lower(), **values)


def moved_to(customer: Customer, place: GatewayPool) -> Customer:
    Customer.objects.filter(pk=customer.pk).update(gateway_pool=place)
    return customer


def owners(customer: Customer) -> set[int | None]:
    """The partner that each half of a customer carries."""
    halves = (CustomerDetail, CustomerStat, CustomerSearch, Edge, User)
    found = {
        partner
        for half in halves
        for partner in half.objects.filter(customer_id=customer.pk).values_list("partner_id", flat=True)  # type: ignore[attr-defined]
    }
    return found | {Customer.objects.get(pk=customer.pk).partner_id}


def names_of(job: Job) -> list[str]:
    return sorted(Event.objects.filter(job_id=job.pk).values_list("name", flat=True))


def test_trf_01_both_show_the_partner_and_its_users_see_them(world: World) -> None:
    first, second = world.customers(2)
    world.edges(first, 3)
    world.user("u@first.example", "customer", "customer-superuser", customer=first)
    job = transfer(world, first, second)
    assert (job.changed, job.refused) == (2, 0)
    seen = customers_for(world.actor(world.stranger)).filter(pk__in=[first.pk, second.pk])
    assert {customer.partner_id for customer in seen} == {world.zenith.pk}
    assert seen.count() == 2
    assert owners(first) == {world.zenith.pk}
    assert not customers_for(world.actor(world.pia)).filter(pk=first.pk).exists()


def test_trf_02_without_delegation_the_partner_sees_the_name_only(world: World) -> None:
    customer = world.customer("Fabrikam")
    transfer(world, customer, partner_access=False)
    partner = world.actor(world.stranger, "api")
    assert customers_for(partner).filter(pk=customer.pk).exists()
    with pytest.raises(NotAllowed, match="has not given its partner access"):
        open_customer(partner, customer.pk)
    alerts = {"select": {"ids": [customer.pk]}, "raw": {"enabled": "false"}, "now": NOW}
    refused = submit(partner, MENU["update-customer-alerts"], **alerts)  # type: ignore[arg-type]
    assert (refused.changed, refused.refusals.get().code) == (0, "access_withdrawn")


def test_trf_03_without_delegation_operators_cannot_open_the_customer(world: World) -> None:
    customer = world.customer("Fabrikam")
    job = transfer(world, customer, operator_access="false")
    with pytest.raises(NotAllowed, match="withdrawn operator access"):
        open_customer(world.actor(world.olga), customer.pk)
    assert "ENTERPRISE_DISABLE_OPERATOR_ACCESS" in names_of(job)


def test_trf_03_what_is_not_chosen_stays_as_it_is(world: World) -> None:
    closed = world.customer("Closed", operator_access=False)
    transfer(world, closed)
    closed.refresh_from_db()
    assert closed.operator_access is False


@pytest.mark.parametrize("owner", [None, "acme"])
def test_trf_03_an_operator_does_not_give_himself_back_what_was_withdrawn(world: World, owner: str | None) -> None:
    closed = world.customer("Closed", operator_access=False, partner=owner and getattr(world, owner))
    job = transfer(world, closed, operator_access="true", from_partner=True)
    closed.refresh_from_db()
    assert (job.changed, job.refusals.get().code, closed.operator_access) == (0, "access_withdrawn", False)
    script = Script(world.olga)
    assert script.get(f"/customers/{closed.pk}").status_code == 403
    assert transfer(world, closed, from_partner=True).changed == 1, "as it is now"


def test_trf_04_a_pool_that_the_partner_lacks_leaves_the_customer_where_it_is(world: World) -> None:
    customer = moved_to(world.customer("Fabrikam"), pool("Nordic"))
    job = transfer(world, customer)
    assert (job.changed, job.refusals.get().code) == (0, "pool_lacking")
    assert not gateway_pools_for(world.actor(world.stranger)).filter(name="Nordic").exists()


def test_trf_04_the_pool_is_shared_when_asked(world: World) -> None:
    nordic = pool("Nordic")
    customer = moved_to(world.customer("Fabrikam"), nordic)
    select = {"ids": [customer.pk]}
    raw = {"partner": world.zenith.pk, "missing_pool": "share"}
    shown = preview(world.actor(world.olga), ACTION, select=select, raw=raw, now=NOW)
    assert any("Nordic (1)" in sentence for sentence in shown.consequences)
    assert transfer(world, customer, missing_pool="share").changed == 1
    customer.refresh_from_db()
    assert customer.gateway_pool_id == nordic.pk
    assert gateway_pools_for(world.actor(world.stranger)).filter(name="Nordic").exists()


def test_trf_04_the_customer_moves_to_a_pool_of_the_partner_when_asked(world: World) -> None:
    nordic = pool("Nordic")
    customer, settled = moved_to(world.customer("Fabrikam"), nordic), world.customer("Settled")
    job = transfer(world, customer, settled, missing_pool="move", gateway_pool=world.pool.pk)
    customer.refresh_from_db()
    assert (job.changed, customer.gateway_pool_id) == (2, world.pool.pk)
    moved = Event.objects.get(job_id=job.pk, name="GATEWAY_POOL_ASSIGNED")
    assert (moved.customer_id, moved.before, moved.after) == (
        customer.pk,
        {"gateway_pool_id": nordic.pk},
        {"gateway_pool_id": world.pool.pk},
    )


def test_trf_04_the_preview_names_the_new_pool_of_those_that_move(world: World) -> None:
    nordic = pool("Nordic")
    customer, settled = moved_to(world.customer("Fabrikam"), nordic), world.customer("Settled")
    raw = {"partner": world.zenith.pk, "missing_pool": "move", "gateway_pool": world.pool.pk}
    select = {"ids": [customer.pk, settled.pk]}
    shown = preview(world.actor(world.olga), ACTION, select=select, raw=raw, now=NOW)
    pools = {
        row["customer"]: (row["before"].get("gateway_pool_id"), row["after"].get("gateway_pool_id"))
        for row in shown.sample
    }
    assert pools == {"Fabrikam": (nordic.pk, world.pool.pk), "Settled": (None, None)}
    dialog = {"select": json.dumps(select), "params": json.dumps(raw)}
    page = signed_in(world.olga).post("/actions/transfer-to-partner/preview", dialog).content.decode()
    assert "<del><bdi>Nordic</bdi></del>" in page
    assert "<ins><bdi>Zenith</bdi></ins>" in page


def test_trf_04_a_move_needs_a_pool_of_the_partner(world: World) -> None:
    customer, nordic = world.customer("Fabrikam"), pool("Nordic")
    with pytest.raises(InvalidParams) as wrong:
        transfer(world, customer, missing_pool="move", gateway_pool=nordic.pk)
    assert wrong.value.errors["gateway_pool"][0]["code"] == "pool_not_of_partner"
    with pytest.raises(InvalidParams) as missing:
        transfer(world, customer, missing_pool="move")
    assert missing.value.errors["gateway_pool"][0]["code"] == "required"


def test_trf_04_a_pool_of_another_partner_is_never_shared(world: World) -> None:
    customer = moved_to(world.customer("Fabrikam", partner=world.acme), pool("Acme own", partner=world.acme))
    job = transfer(world, customer, missing_pool="share", from_partner=True)
    assert (job.changed, job.refusals.get().code) == (0, "pool_of_another_partner")


def test_trf_05_a_profile_that_the_partner_lacks_is_added_on_confirmation_only(world: World) -> None:
    special = OperatorProfile.objects.create(name="Special", name_key="special", image=world.profile.image)
    customer = world.customer("Fabrikam")
    Customer.objects.filter(pk=customer.pk).update(operator_profile=special)
    refused = transfer(world, customer)
    assert (refused.changed, refused.refusals.get().code) == (0, "profile_lacking")
    partner = world.actor(world.stranger)
    assert not operator_profiles_for(partner).filter(pk=special.pk).exists()
    assert transfer(world, customer, add_profiles=True).changed == 1
    assert operator_profiles_for(partner).filter(pk=special.pk).exists()


def test_trf_06_a_customer_of_the_partner_already_changes_nothing(world: World) -> None:
    customer = world.customer("Fabrikam", partner=world.zenith)
    before = Customer.objects.filter(pk=customer.pk).values().get()
    job = transfer(world, customer)
    assert (job.changed, job.refusals.get().code) == (0, "already_so")
    assert Customer.objects.filter(pk=customer.pk).values().get() == before


def test_trf_07_delegation_is_in_the_log_of_the_partner(world: World) -> None:
    job = transfer(world, world.customer("Fabrikam"))
    event = Event.objects.get(job_id=job.pk, name="ENTERPRISE_ENABLE_PROXY_ACCESS")
    assert event.partner_id == world.zenith.pk
    assert names_of(job) == ["ENTERPRISE_ENABLE_PROXY_ACCESS", "ENTERPRISE_TRANSFERRED"]


def log_of(partner: Partner, customer: Customer) -> list[str]:
    rows = Event.objects.filter(partner_id=partner.pk, customer_id=customer.pk)
    return sorted(rows.values_list("name", flat=True))


def test_trf_07_a_direct_customer_stands_in_the_new_partners_log(world: World) -> None:
    customer = world.customer("Fabrikam")
    transfer(world, customer)
    assert log_of(world.zenith, customer) == ["ENTERPRISE_ENABLE_PROXY_ACCESS", "ENTERPRISE_TRANSFERRED"]
    read = events_for(world.actor(world.stranger)).filter(customer_id=customer.pk)
    assert {event.name for event in read} == {"ENTERPRISE_ENABLE_PROXY_ACCESS", "ENTERPRISE_TRANSFERRED"}


def test_trf_07_a_move_is_a_release_in_one_log_and_a_transfer_in_the_other(world: World) -> None:
    """Access on before and after is withdrawn from the one and given to the other (domain 8.2)."""
    assert world.contoso.partner_access
    job = transfer(world, world.contoso, from_partner=True)
    assert log_of(world.acme, world.contoso) == ["ENTERPRISE_DISABLE_PROXY_ACCESS", "ENTERPRISE_RELEASED"]
    assert log_of(world.zenith, world.contoso) == ["ENTERPRISE_ENABLE_PROXY_ACCESS", "ENTERPRISE_TRANSFERRED"]
    given = Event.objects.get(job_id=job.pk, name="ENTERPRISE_TRANSFERRED")
    assert given.before == {"partner_id": None, "partner_access": False}, "the new partner learns nothing of the old"
    world.contoso.refresh_from_db()
    assert (world.contoso.partner, world.contoso.partner_access) == (world.zenith, True)


def test_trf_07_no_access_before_and_none_after_is_no_delegation_event(world: World) -> None:
    customer = world.customer("Fabrikam", partner=world.acme, partner_access=False)
    transfer(world, customer, from_partner=True, partner_access=False)
    assert log_of(world.acme, customer) == ["ENTERPRISE_RELEASED"]
    assert log_of(world.zenith, customer) == ["ENTERPRISE_TRANSFERRED"]


def test_the_preview_of_a_move_says_who_loses_what(world: World) -> None:
    raw = {"partner": world.zenith.pk, "from_partner": True}
    select = {"ids": [world.contoso.pk, world.customer("Fabrikam").pk]}
    shown = preview(world.actor(world.olga), ACTION, select=select, raw=raw, now=NOW)
    told = "They lose these customers, and with them every access to them: Acme Partners (1)."
    assert told in shown.consequences


def test_trf_08_afterwards_only_the_customer_may_switch_partner_access_on(world: World) -> None:
    customer = world.customer("Fabrikam")
    transfer(world, customer, partner_access=False)
    body = {"select": {"ids": [customer.pk]}, "params": {"partner_access": True}}
    for user in (world.olga, world.stranger):
        answer = Script(user, by=world.olga).post("/actions/modify-customer", body)
        assert answer.status_code == 403, (user, answer.content)
    admin = world.user("admin@fabrikam.example", "customer", "customer-superuser", customer=customer)
    answer = Script(admin, by=world.olga).post("/actions/modify-customer", body)
    assert answer.json()["counts"]["changed"] == 1, answer.content


def test_trf_09_a_partner_user_is_not_offered_the_action(world: World) -> None:
    shown = {entry["slug"] for entry in Script(world.pia, by=world.olga).get("/actions").json()}
    assert {"new-customer", "delete-customer"} <= shown
    assert not {"transfer-to-partner", "release-from-partner"} & shown


def test_a_customer_of_another_partner_moves_only_on_confirmation(world: World) -> None:
    assert transfer(world, world.contoso).refusals.get().code == "has_partner"
    assert transfer(world, world.contoso, from_partner=True).changed == 1
    assert owners(world.contoso) == {world.zenith.pk}
    assert not customers_for(world.actor(world.pia)).filter(pk=world.contoso.pk).exists()


def test_a_staged_customer_is_refused(world: World) -> None:
    staged = world.customer("Staged", bastion_state="STAGED")
    assert transfer(world, staged).refusals.get().code == "is_staged"


def test_a_stranger_without_a_session_transfers_nothing(world: World) -> None:
    customer = world.customer("Fabrikam")
    assert Client().post("/api/v1/actions/transfer-to-partner").status_code == 401
    customer.refresh_from_db()
    assert customer.partner_id is None


def test_the_partner_with_the_number_one_can_be_chosen_by_its_number(world: World) -> None:
    """A yes that older scripts write as 1 is understood; a row is not mistaken for a yes."""
    first, _made = Partner.objects.get_or_create(pk=1, defaults={"name": "First", "name_key": "first"})
    cleaned = clean(ACTION.Params, {"partner": 1, "from_partner": 1}, world.actor(world.olga, "api"))
    assert (cleaned["partner"], cleaned["from_partner"]) == (first, True)


def test_the_jobs_rows_are_one_for_each_customer(world: World) -> None:
    """What stands beside a transfer in the log (who is let in, which pool) is not a row of its own."""
    moved, direct = world.customer("Moved", partner=world.acme), world.customer("Direct")
    job = transfer(world, moved, direct, from_partner=True, partner_access=True, missing_pool="share")
    shown = outcomes(job, outcome="changed")
    assert sorted(row["customer_id"] for row in shown) == [moved.pk, direct.pk]
    assert all(row["after"]["partner_id"] == world.zenith.pk for row in shown)
    assert Event.objects.filter(job_id=job.pk).count() > job.changed


def test_the_preview_tells_nothing_of_those_that_are_refused(world: World) -> None:
    theirs, direct = world.customer("Theirs", partner=world.acme), world.customer("Direct")
    select, raw = {"ids": [theirs.pk, direct.pk]}, {"partner": world.zenith.pk, "missing_pool": "share"}
    alone = preview(world.actor(world.olga, "api"), ACTION, select=select, raw=raw, now=NOW)
    both = preview(world.actor(world.olga, "api"), ACTION, select=select, raw={**raw, "from_partner": True}, now=NOW)
    assert (alone.changing, both.changing) == (1, 2)
    assert not any("Acme" in each for each in alone.warnings)
    assert any("Acme Partners (1)" in each for each in both.warnings)


def test_trf_08_who_shut_a_partner_out_is_not_opened_to_it_by_leaving_and_coming_back(world: World) -> None:
    """Only the customer gives it back, whatever owners it has in between."""
    script, path = Script(world.carla), f"/customers/{world.contoso.pk}"
    assert script.ask("PATCH", path, {"partner_access": False}).status_code == 200
    select = {"ids": [world.contoso.pk]}
    submit(world.actor(world.olga, "api"), MENU["release-from-partner"], select=select, raw={}, now=NOW)
    refused = transfer(world, world.contoso, partner=world.acme.pk)
    assert (refused.changed, refused.refusals.get().code) == (0, "access_withdrawn")
    assert transfer(world, world.contoso, partner=world.acme.pk, partner_access=False).changed == 1
    assert Script(world.pia).get(path).status_code == 403
    assert script.ask("PATCH", path, {"partner_access": True}).status_code == 200
    assert Script(world.pia).get(path).status_code == 200
    assert transfer(world, world.contoso, from_partner=True, missing_pool="share").changed == 1
