"""Modify Customer: acceptance cases MOD-01 to MOD-10 as far as this world goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.progress import outcomes
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, CustomerProfile, Event, Job, PartnerProfile, SoftwareImage, User
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor

ACTION = MENU["modify-customer"]


def example(world: World) -> dict[str, Any]:
    return {"contact_name": "Ada Lovelace", "city": "Zürich"}


def change(actor: Actor, customer: Customer, **raw: Any) -> Job:
    return submit(actor, ACTION, select={"ids": [customer.pk]}, raw=raw, now=NOW)


def refused(actor: Actor, customer: Customer, **raw: Any) -> InvalidParams:
    with pytest.raises(InvalidParams) as refusal:
        change(actor, customer, **raw)
    return refusal.value


def codes(error: InvalidParams) -> dict[str, list[str]]:
    return {field: [one["code"] for one in found] for field, found in error.errors.items()}


def fresh(customer: Customer) -> Customer:
    return Customer.objects.select_related("detail", "search").get(pk=customer.pk)


def test_only_what_is_given_changes_and_the_event_tells_only_that(world: World) -> None:
    change(world.actor(world.olga), world.contoso, city="Basel", contact_name="Old")
    job = change(world.actor(world.olga), world.contoso, city="Zürich", contact_name="Old", name="Contoso AG")
    row = fresh(world.contoso)
    assert (job.changed, row.name, row.name_key, row.detail.city, row.detail.contact_name) == (
        1, "Contoso AG", "contoso ag", "Zürich", "Old",
    )  # fmt: skip
    event = Event.objects.get(job_id=job.pk)
    assert (event.name, event.before, event.after) == (
        "UPDATE_ENTERPRISE",
        {"name": "Contoso", "city": "Basel"},
        {"name": "Contoso AG", "city": "Zürich"},
    )
    assert "contoso ag" in row.search.text
    assert "zürich" in row.search.text


def test_every_setting_can_be_changed_and_is_stored(world: World) -> None:
    values: dict[str, Any] = {
        "account_number": "C-9", "domain": "contoso.example", "description": "two\nlines", "timezone": "Europe/Zurich",
        "locale": "de-CH", "contact_email": "info@contoso.example", "latitude": 47.4, "longitude": 8.5,
        "shipping_same_as_location": False, "shipping_city": "Bern", "shipping_country": "CH", "pci_compliance": True,
        "services": ["SDWAN", "CWS"], "edge_authentication": "CERTIFICATE_REQUIRED", "alerts_enabled": False,
        "operator_user_management": True, "operator_sees_sensitive_data": True, "two_factor_enabled": True,
    }  # fmt: skip
    assert change(world.actor(world.olga), world.contoso, **values).changed == 1
    row = fresh(world.contoso)
    found = {name: getattr(row if hasattr(row, name) else row.detail, name) for name in values}
    assert found == values
    assert (row.account_key, row.domain_key) == ("c-9", "contoso.example")


def test_an_empty_text_empties_and_a_missing_one_leaves_alone(world: World) -> None:
    olga = world.actor(world.olga)
    change(olga, world.contoso, city="Basel", latitude=1.5)
    change(olga, world.contoso, city="", latitude=None)
    assert (fresh(world.contoso).detail.city, fresh(world.contoso).detail.latitude) == ("", None)
    assert codes(refused(olga, world.contoso, name="")) == {"name": ["required"]}
    assert codes(refused(olga, world.contoso, services=[])) == {"services": ["required"]}
    assert codes(refused(olga, world.contoso)) == {"__all__": ["nothing_given"]}


def test_a_second_time_nothing_changes_and_no_event_is_written(world: World) -> None:
    olga = world.actor(world.olga)
    change(olga, world.contoso, city="Basel", services=["SDWAN", "CWS"], operator_access=True)
    job = change(olga, world.contoso, city="Basel", services=["SDWAN", "CWS"], operator_access=True)
    assert (job.changed, job.refused) == (0, 1)
    shown = preview(olga, ACTION, select={"ids": [world.contoso.pk]}, raw={"city": "Basel"}, now=NOW)
    assert [(reason.code, reason.harmless) for reason in shown.reasons] == [("already_so", True)]
    assert not Event.objects.filter(job_id=job.pk).exists()


def test_mod_01_it_takes_exactly_one_customer(world: World) -> None:
    other = world.customer("Other")
    with pytest.raises(InvalidParams, match="one customer"):
        submit(
            world.actor(world.olga), ACTION, select={"ids": [other.pk, world.contoso.pk]}, raw={"city": "B"}, now=NOW
        )


def test_mod_03_a_customer_user_neither_sees_nor_sets_the_account_number(world: World) -> None:
    carla = world.actor(world.carla)
    assert "account_number" not in ACTION.Params(actor=carla).fields
    error = refused(carla, world.contoso, account_number="X")
    assert (codes(error), error.status) == ({"account_number": ["not_allowed"]}, 403)


def test_mod_05_an_operator_is_refused_once_the_customer_withdrew_access(world: World) -> None:
    change(world.actor(world.carla), world.contoso, operator_access=False)
    assert codes(refused(world.actor(world.olga), world.contoso, city="Bern")) == {"select": ["access_withdrawn"]}
    assert change(world.actor(world.carla), world.contoso, operator_access=True).changed == 1
    assert change(world.actor(world.olga), world.contoso, city="Bern").changed == 1


@pytest.mark.parametrize(
    ("who", "field", "value"),
    [
        ("bea", "services", ["CWS"]),
        ("bea", "operator_access", False),
        ("bea", "alerts_enabled", False),
        ("pia", "operator_alerts_enabled", False),
        ("pia", "services", ["CWS"]),
        ("pia", "partner_access", True),
        ("olga", "partner_access", True),
        ("carla", "services", ["CWS"]),
        ("carla", "alerts_enabled", False),
    ],
)
def test_mod_06_a_field_beyond_the_role_is_refused_beside_it(world: World, who: str, field: str, value: Any) -> None:
    actor = world.actor(getattr(world, who))
    assert field not in ACTION.Params(actor=actor).fields
    error = refused(actor, world.contoso, **{field: value, "city": "Bern"})
    assert (codes(error), error.status) == ({field: ["not_allowed"]}, 403)
    assert fresh(world.contoso).detail.city == ""


@pytest.mark.parametrize("who", ["olga", "stan", "bea", "pia", "carla"])
def test_general_and_contact_are_open_to_every_role_that_manages(world: World, who: str) -> None:
    assert change(world.actor(getattr(world, who)), world.contoso, name="Renamed", city="Bern").changed == 1


def test_mod_09_an_administrator_without_mobile_number_is_listed_before_saving(world: World) -> None:
    olga, select = world.actor(world.olga), {"ids": [world.contoso.pk]}
    shown = preview(olga, ACTION, select=select, raw={"two_factor_required": True}, now=NOW)
    assert any("An administrator of Contoso has no mobile" in sentence for sentence in shown.consequences)
    assert not any("carla" in sentence for sentence in shown.consequences)
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=True)
    shown = preview(olga, ACTION, select=select, raw={"two_factor_required": True}, now=NOW)
    assert any("carla@contoso.example" in sentence for sentence in shown.consequences)
    User.objects.filter(pk=world.carla.pk).update(mobile="+41 79 000 00 00")
    assert not preview(olga, ACTION, select=select, raw={"two_factor_required": True}, now=NOW).consequences


def test_mod_10_the_second_of_two_operators_gets_409_and_sees_the_firsts_change(world: World) -> None:
    version = fresh(world.contoso).version
    change(world.actor(world.stan), world.contoso, city="Bern", version=version)
    error = refused(world.actor(world.olga), world.contoso, city="Basel", version=version)
    assert (codes(error), error.status) == ({"version": ["stale"]}, 409)
    told = error.errors["version"][0]
    assert told["version"] == version + 1
    assert [(change["actor_name"], change["before"], change["after"]) for change in told["others"]] == [
        (world.stan.email, {"city": ""}, {"city": "Bern"})
    ]
    assert fresh(world.contoso).detail.city == "Bern"


def test_a_taken_name_is_a_conflict_beside_its_field_and_ones_own_is_not(world: World) -> None:
    world.customer("Other", account_number="O-1", domain="other.example")
    olga = world.actor(world.olga)
    for field, value, code in (
        ("name", "ＯＴＨＥＲ", "name_taken"),
        ("account_number", "o-1", "account_taken"),
        ("domain", "Other.Example", "domain_taken"),
    ):
        error = refused(olga, world.contoso, **{field: value})
        assert (codes(error), error.status) == ({field: [code]}, 409)
    assert change(olga, world.contoso, name="CONTOSO").changed == 1


@pytest.mark.parametrize(
    ("who", "field", "on", "off"),
    [
        ("olga", "operator_user_management", "ENABLE_OPERATOR_USER_MGMT", "DISABLE_OPERATOR_USER_MGMT"),
        ("carla", "operator_access", "ENABLE_OPERATOR_ACCESS", "DISABLE_OPERATOR_ACCESS"),
        ("carla", "partner_access", "ENABLE_PROXY_ACCESS", "DISABLE_PROXY_ACCESS"),
    ],
)
def test_a_delegation_has_an_event_of_its_own(world: World, who: str, field: str, on: str, off: str) -> None:
    actor = world.actor(getattr(world, who))
    before = bool(getattr(world.contoso, field))
    first, second = (change(actor, world.contoso, **{field: value}) for value in (not before, before))
    told = Event.objects.filter(customer_id=world.contoso.pk).values_list("job_id", "name")
    names = [f"ENTERPRISE_{off}", f"ENTERPRISE_{on}"] if before else [f"ENTERPRISE_{on}", f"ENTERPRISE_{off}"]
    assert set(told) == {
        (job.pk, name) for job, own in zip((first, second), names, strict=True) for name in (own, "UPDATE_ENTERPRISE")
    }
    assert [row["before"] for row in outcomes(first, outcome="changed")] == [{field: before}], "one row a customer"


@pytest.mark.parametrize("door", ["web", "api", "shell"])
def test_a_customer_without_a_partner_lets_none_in_and_is_told_why(world: World, door: str) -> None:
    direct = world.customer("Fabrikam")
    fred = world.actor(world.user("fred@f.example", "customer", "customer-superuser", customer=direct), door)
    error = refused(fred, direct, partner_access=True)
    assert (codes(error), error.status) == ({"partner_access": ["no_partner"]}, 409)
    assert not fresh(direct).partner_access
    assert change(fred, direct, city="Bern", partner_access=False).changed == 1


def test_anothers_customer_is_not_there(world: World) -> None:
    with pytest.raises(InvalidParams, match="No customer is selected"):
        change(world.actor(world.stranger), world.contoso, city="Bern")


@pytest.mark.parametrize("version", [0, -1, 2**40, "x"])
def test_a_version_that_is_none_is_refused(world: World, version: Any) -> None:
    assert list(codes(refused(world.actor(world.olga), world.contoso, city="Bern", version=version))) == ["version"]


def software(world: World, user: User, **raw: Any) -> Job:
    return change(world.actor(user, "api"), world.contoso, **raw)


def test_eim_05_a_customers_superuser_chooses_the_default_among_assigned_ones(world: World) -> None:
    early, other = profile(world), profile(world, "Not assigned")
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    may_choose(world.contoso, early)
    PartnerProfile.objects.create(partner=world.acme, operator_profile=early)
    with pytest.raises(InvalidParams) as refused:
        software(world, world.carla, operator_profile=other.pk)
    assert refused.value.errors["operator_profile"][0]["code"] == "invalid_choice"
    job = software(world, world.carla, operator_profile=early.pk)
    world.contoso.refresh_from_db()
    assert (job.changed, world.contoso.operator_profile_id) == (1, early.pk)
    besides = CustomerProfile.objects.filter(customer=world.contoso).values_list("operator_profile_id", flat=True)
    assert world.profile.pk in besides, "The former default may still be chosen."
    assert software(world, world.carla, operator_profile=world.profile.pk).changed == 1


def test_a_default_that_is_kept_besides_has_an_event_of_its_own_once(world: World) -> None:
    early = profile(world)
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    PartnerProfile.objects.create(partner=world.acme, operator_profile=early)
    job = software(world, world.olga, operator_profile=early.pk)
    kept = Event.objects.get(name="OPERATOR_PROFILE_KEPT")
    assert (kept.job_id, kept.customer_id, kept.partner_id, kept.actor_name) == (
        job.pk, world.contoso.pk, world.acme.pk, world.olga.email,
    )  # fmt: skip
    assert (kept.before, kept.after) == ({"assigned_profile_id": None}, {"assigned_profile_id": world.profile.pk})
    assert [row["after"] for row in outcomes(job, outcome="changed")] == [{"operator_profile_id": early.pk}]
    history = signed_in(world.olga).get("/events").content.decode()
    assert "OPERATOR_PROFILE_KEPT" in history
    assert software(world, world.olga, operator_profile=world.profile.pk).changed == 1
    assert software(world, world.olga, operator_profile=early.pk).changed == 1
    told = Event.objects.filter(name="OPERATOR_PROFILE_KEPT").order_by("pk")
    assert [event.after["assigned_profile_id"] for event in told if event.after] == [world.profile.pk, early.pk]


def test_eim_02_eim_05_without_edge_image_management_nobody_of_the_customer_chooses(world: World) -> None:
    page = signed_in(world.carla).get(f"/customers/{world.contoso.pk}/settings").content.decode()
    assert 'name="operator_profile"' not in page
    answer = Script(world.carla, by=world.olga).ask(
        "PATCH", f"/customers/{world.contoso.pk}", {"operator_profile": world.profile.pk}
    )
    assert answer.status_code == 403
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    page = signed_in(world.carla).get(f"/customers/{world.contoso.pk}/settings").content.decode()
    assert 'name="operator_profile"' in page


def test_a_default_with_an_old_image_stays_where_it_is_not_changed(world: World) -> None:
    old = profile(world, "Old", image=SoftwareImage.objects.create(name="Edge", version="4.5.2", deprecated=True))
    Customer.objects.filter(pk=world.contoso.pk).update(operator_profile=old)
    job = software(world, world.olga, operator_profile="", services=["SDWAN", "CWS"])
    world.contoso.refresh_from_db()
    assert (job.changed, world.contoso.operator_profile_id) == (1, old.pk)


def test_only_superusers_of_the_operator_choose_a_customers_default(world: World) -> None:
    early = profile(world)
    with pytest.raises(InvalidParams) as refused:
        software(world, world.stan, operator_profile=early.pk)
    assert refused.value.errors["operator_profile"][0]["code"] == "not_allowed"
    with pytest.raises(InvalidParams) as refused:
        software(world, world.olga, operator_profile=early.pk)
    assert refused.value.errors["operator_profile"][0]["code"] == "profile_lacking"
    PartnerProfile.objects.create(partner=world.acme, operator_profile=early)
    assert software(world, world.olga, operator_profile=early.pk).changed == 1
    assert not CustomerProfile.objects.exists(), "Without Edge Image Management there is nothing to choose."
