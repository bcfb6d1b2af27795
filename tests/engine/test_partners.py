"""Making, changing and deleting partners (domain 8.1): who may, what is refused, what stands in the log."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.access.opening import open_partner
from bailiwick.access.scope import gateway_pools_for, operator_profiles_for
from bailiwick.engine import partner_removal, partners
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.models import (
    Customer,
    Event,
    Gateway,
    GatewayPool,
    Job,
    OutboxMessage,
    Partner,
    PartnerPool,
    SystemProperty,
    User,
)
from tests.world import NOW, World


def make(world: World, user: User | None = None, **raw: Any) -> Partner:
    return partners.create(world.actor(user or world.olga, "api"), {"name": "Northwind", **raw}, now=NOW)


def change(world: World, user: User | None = None, partner: Partner | None = None, **raw: Any) -> Partner:
    actor = world.actor(user or world.olga, "api")
    return partners.update(actor, (partner or world.acme).pk, raw, now=NOW)


def delete(world: World, *rows: Partner, user: User | None = None, confirm: int | None = None) -> dict[str, str]:
    ids = [row.pk for row in rows]
    actor = world.actor(user or world.olga)
    found = partner_removal.delete(actor, ids, confirm=len(ids) if confirm is None else confirm, now=NOW)
    return {verdict.partner.name: verdict.code for verdict in found}


def code_of(error: InvalidParams, field: str) -> str:
    return str(error.errors[field][0]["code"])


def pool(name: str, **values: Any) -> GatewayPool:
    return GatewayPool.objects.create(name=name, name_key=name.lower(), **values)


@pytest.mark.parametrize("name", ["sam", "pia", "carla"])
def test_who_may_not_make_a_partner_makes_none(world: World, name: str) -> None:
    with pytest.raises(NotAllowed):
        make(world, getattr(world, name))
    assert Partner.objects.count() == 2


@pytest.mark.parametrize("name", ["olga", "stan", "bea"])
def test_domain_1_6_these_operators_make_partners(world: World, name: str) -> None:
    assert make(world, getattr(world, name)).pk


@pytest.mark.parametrize("name", ["bea", "sam", "carla"])
def test_who_may_not_change_a_partner_changes_nothing(world: World, name: str) -> None:
    with pytest.raises((NotAllowed, Partner.DoesNotExist)):
        change(world, getattr(world, name), city="Zürich")


@pytest.mark.parametrize("name", ["bea", "sam", "pia", "carla"])
def test_who_may_not_delete_a_partner_deletes_none(world: World, name: str) -> None:
    with pytest.raises(NotAllowed):
        delete(world, world.zenith, user=getattr(world, name))
    assert Partner.objects.filter(pk=world.zenith.pk).exists()


def test_a_new_partner_has_its_pools_profiles_and_its_event(world: World) -> None:
    granted = {"gateway_pools": [world.pool.pk], "default_pool": world.pool.pk}
    made = make(world, domain="northwind.example", operator_profiles=[world.profile.pk], **granted)
    user = world.user("n@northwind.example", "partner", "partner-superuser", partner=made)
    assert list(gateway_pools_for(world.actor(user))) == [world.pool]
    assert list(operator_profiles_for(world.actor(user))) == [world.profile]
    assert PartnerPool.objects.get(partner=made).is_default
    event = Event.objects.get(name="CREATE_ENTERPRISE_PROXY")
    assert (event.partner_id, event.customer_id, event.subject, event.actor_name) == (
        made.pk,
        None,
        "Northwind",
        world.olga.email,
    )
    assert event.after["gateway_pools"] == ["Default pool"]
    assert event.after["operator_access"] is True


def test_the_first_administrator_is_invited(world: World) -> None:
    made = make(world, admin_email="ada@northwind.example", admin_first_name="Ada")
    ada = User.objects.get(email="ada@northwind.example")
    assert (ada.level, ada.role, ada.partner_id, ada.first_name) == ("partner", "partner-superuser", made.pk, "Ada")
    assert OutboxMessage.objects.filter(kind="mail").count() == 1


def test_an_administrator_whose_address_is_taken_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(InvalidParams) as refused:
        make(world, admin_email=world.pia.email)
    assert (code_of(refused.value, "admin_email"), refused.value.status) == ("username_taken", 409)
    assert not Partner.objects.filter(name="Northwind").exists()
    assert not Event.objects.filter(name="CREATE_ENTERPRISE_PROXY").exists()


def test_names_of_an_administrator_without_an_address_are_not_lost_silently(world: World) -> None:
    with pytest.raises(InvalidParams) as refused:
        make(world, admin_first_name="Ada")
    assert code_of(refused.value, "admin_email") == "required"


def test_a_name_is_unique_on_its_normal_form(world: World) -> None:
    with pytest.raises(InvalidParams) as refused:
        make(world, name="ＡＣＭＥ partners")
    assert (code_of(refused.value, "name"), refused.value.status) == ("name_taken", 409)
    with pytest.raises(InvalidParams):
        change(world, name="ZENITH")
    assert change(world, name="ACME Partners").name == "ACME Partners"


def test_two_partners_never_have_the_same_domain(world: World) -> None:
    """Single sign-on would not know whom an address means."""
    first = make(world, domain="acme.example")
    for spelt in ("acme.example", "ACME.example"):
        with pytest.raises(InvalidParams) as taken:
            make(world, name="Other", domain=spelt)
        assert (code_of(taken.value, "domain"), taken.value.status) == ("domain_taken", 409)
        with pytest.raises(InvalidParams):
            change(world, partner=world.zenith, domain=spelt)
    assert change(world, partner=first, domain="acme.example", city="Bern").city == "Bern"
    assert make(world, name="Without", domain="").pk
    assert make(world, name="Without either", domain="").pk


def test_the_gate_stops_the_making_for_everybody_and_no_invitation(world: World) -> None:
    SystemProperty.objects.create(name="session.options.disableCreateEnterpriseProxy", value=True)
    with pytest.raises(NotAllowed) as closed:
        make(world)
    assert closed.value.code == "ENTERPRISE_PROXY_CREATION_DISABLED"
    assert change(world, city="Zürich").city == "Zürich"


def test_only_what_is_given_changes_with_before_and_after(world: World) -> None:
    Partner.objects.filter(pk=world.acme.pk).update(city="Bern", domain="acme.example")
    changed = change(world, city="Zürich")
    assert (changed.city, changed.domain, changed.version) == ("Zürich", "acme.example", 2)
    event = Event.objects.get(name="UPDATE_ENTERPRISE_PROXY")
    assert (event.before, event.after) == ({"city": "Bern"}, {"city": "Zürich"})
    assert change(world, city="Zürich").version == 2
    assert Event.objects.filter(name="UPDATE_ENTERPRISE_PROXY").count() == 1


def test_a_stale_page_is_told_who_changed_what(world: World) -> None:
    change(world, city="Zürich", version=1)
    with pytest.raises(InvalidParams) as stale:
        change(world, world.stan, city="Bern", version=1)
    told = stale.value.errors["version"][0]
    assert (stale.value.status, told["code"], told["version"]) == (409, "stale", 2)
    assert [(each["actor_name"], each["after"]) for each in told["others"]] == [(world.olga.email, {"city": "Zürich"})]
    assert Partner.objects.get(pk=world.acme.pk).city == "Zürich"


def test_support_access_is_withdrawn_by_the_operator_and_given_back_by_the_partner_only(world: World) -> None:
    change(world, operator_access=False)
    assert Event.objects.get(name="PROXY_DISABLE_OPERATOR_ACCESS").before == {"operator_access": True}
    with pytest.raises(NotAllowed, match="withdrawn operator access"):
        change(world, operator_access=True)
    with pytest.raises(NotAllowed):
        open_partner(world.actor(world.olga), world.acme.pk)
    assert change(world, world.pia, operator_access=True).operator_access
    event = Event.objects.get(name="PROXY_ENABLE_OPERATOR_ACCESS")
    assert (event.actor_name, event.partner_id) == (world.pia.email, world.acme.pk)


@pytest.mark.parametrize("field", ["name", "operate_gateways", "gateway_pools", "domain"])
def test_a_partner_changes_nothing_of_itself_but_the_operators_access(world: World, field: str) -> None:
    value = [] if field == "gateway_pools" else True if field == "operate_gateways" else "mine"
    with pytest.raises(InvalidParams) as refused:
        change(world, world.pia, **{field: value})
    assert (code_of(refused.value, field), refused.value.status) == ("not_allowed", 403)


def test_a_partner_does_not_reach_another(world: World) -> None:
    with pytest.raises(Partner.DoesNotExist):
        change(world, world.stranger, operator_access=False)


def test_a_pool_in_use_is_not_taken_away(world: World) -> None:
    with pytest.raises(InvalidParams) as used:
        change(world, gateway_pools=[])
    assert (code_of(used.value, "gateway_pools"), used.value.status) == ("in_use", 409)
    change(world, partner=world.zenith, gateway_pools=[])
    assert not gateway_pools_for(world.actor(world.stranger)).exists()
    event = Event.objects.get(name="UPDATE_ENTERPRISE_PROXY")
    assert (event.before, event.after) == ({"gateway_pools": ["Default pool"]}, {"gateway_pools": []})


def test_the_default_is_one_of_those_granted(world: World) -> None:
    nordic = pool("Nordic")
    with pytest.raises(InvalidParams) as lacking:
        change(world, default_pool=nordic.pk)
    assert code_of(lacking.value, "default_pool") == "default_not_granted"
    change(world, gateway_pools=[world.pool.pk, nordic.pk], default_pool=nordic.pk)
    change(world, default_pool=world.pool.pk)
    assert PartnerPool.objects.get(partner=world.acme, is_default=True).gateway_pool_id == world.pool.pk


def test_a_pool_of_another_partner_is_not_granted(world: World) -> None:
    own = pool("Zenith own", partner=world.zenith)
    with pytest.raises(InvalidParams) as refused:
        change(world, gateway_pools=[world.pool.pk, own.pk])
    assert code_of(refused.value, "gateway_pools") == "invalid_choice"


def test_deleting_judges_each_partner_on_its_own(world: World) -> None:
    owner, busy, binned = make(world), make(world, name="Busy"), make(world, name="Binned")
    Gateway.objects.create(name="gw", name_key="gw", partner=make(world, name="Gates"))
    pool("Own", partner=owner)
    user = world.user("b@busy.example", "partner", "partner-superuser", partner=busy)
    Job.objects.create(action="x", title="x", user_id=user.pk, partner_id=busy.pk, created_at=NOW)
    world.customer("Gone", partner=binned)
    Customer.objects.filter(name="Gone").update(deleted_at=NOW)
    gates = Partner.objects.get(name="Gates")
    assert delete(world, world.acme, world.zenith, owner, gates, busy, binned) == {
        "Acme Partners": "has_customers",
        "Zenith": "",
        "Northwind": "owns_pools",
        "Gates": "owns_gateways",
        "Busy": "has_jobs",
        "Binned": "has_deleted_customers",
    }
    assert not Partner.objects.filter(pk=world.zenith.pk).exists()
    assert not User.objects.filter(pk=world.stranger.pk).exists()
    assert Partner.objects.count() == 5
    event = Event.objects.get(name="DELETE_ENTERPRISE_PROXY")
    assert (event.subject, event.partner_id) == ("Zenith", world.zenith.pk)


@pytest.mark.parametrize("confirm", [0, 1, 3])
def test_the_number_of_selected_partners_is_typed(world: World, confirm: int) -> None:
    with pytest.raises(InvalidParams) as wrong:
        delete(world, world.zenith, make(world), confirm=confirm)
    assert code_of(wrong.value, "confirm") == "wrong_number"
    assert Partner.objects.count() == 3
