"""New Customer: acceptance cases NEW-01 to NEW-15 as far as this world goes."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from bailiwick.access import links
from bailiwick.access.actor import Actor, NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams, clean
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import (
    Customer,
    Event,
    Gateway,
    Job,
    JobRefusal,
    OperatorProfile,
    OutboxMessage,
    SoftwareImage,
    SystemProperty,
    User,
)
from bailiwick.outbox import text_of
from tests.world import NOW, World

if TYPE_CHECKING:
    from bailiwick.engine.reasons import Problem

ACTION = MENU["new-customer"]
FABRIKAM = {"name": "Fabrikam", "account_number": "F-1", "admin_email": "ada@fabrikam.example"}


def example(world: World) -> dict[str, Any]:
    return dict(FABRIKAM)


def create(actor: Actor, **raw: Any) -> Job:
    return submit(actor, ACTION, raw={**FABRIKAM, **raw}, now=NOW)


def errors_of(actor: Actor, **raw: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidParams) as refusal:
        create(actor, **raw)
    return {field: [error["code"] for error in found] for field, found in refusal.value.errors.items()}


def close(*names: str) -> None:
    for name in names:
        SystemProperty.objects.create(name=f"session.options.{name}", value=True)


def test_new_01_the_customer_exists_and_its_first_administrator_can_choose_a_password(world: World) -> None:
    job = create(world.actor(world.olga), city="Zürich", country="CH", admin_first_name="Ada")
    customer = Customer.objects.select_related("detail", "stat", "search").get(name="Fabrikam")
    assert job.result == {"id": customer.pk, "logical_id": str(customer.logical_id), "name": "Fabrikam"}
    assert (customer.detail.city, customer.detail.country, customer.detail.services) == ("Zürich", "CH", ["SDWAN"])
    assert "zürich" in customer.search.text
    ada = User.objects.get(customer=customer)
    assert (ada.email, ada.first_name, ada.role, ada.has_usable_password()) == (
        "ada@fabrikam.example", "Ada", "customer-superuser", False,
    )  # fmt: skip
    secret = re.search(r"/link/(\S+)", text_of(OutboxMessage.objects.get().payload))
    assert secret
    assert links.consume(secret[1], address="127.0.0.1", now=NOW) == ada


@pytest.mark.parametrize(("all_closed", "partners_closed"), list(product((False, True), repeat=2)))
def test_new_02_the_two_properties_close_creation_for_whom_they_say(
    world: World, all_closed: bool, partners_closed: bool
) -> None:
    close(*["disableCreateEnterprise"] * all_closed, *["disableCreateEnterpriseProxy"] * partners_closed)
    closed_to = {
        world.olga: all_closed,
        world.stan: all_closed,
        world.pia: all_closed or partners_closed,
    }
    for number, (user, closed) in enumerate(closed_to.items()):
        raw = {"name": f"New {number}", "account_number": f"N-{number}", "admin_email": f"a{number}@new.example"}
        if not closed:
            assert create(world.actor(user), **raw).changed == 1
            continue
        with pytest.raises(NotAllowed) as refusal:
            create(world.actor(user, door="api"), **raw)
        assert refusal.value.code == "ENTERPRISE_CREATION_DISABLED"
        assert not Customer.objects.filter(name=raw["name"]).exists()


def test_new_02_a_gate_that_closes_after_the_preview_closes_the_submit(world: World) -> None:
    olga = world.actor(world.olga)
    assert preview(olga, ACTION, select=None, raw=FABRIKAM, now=NOW).changing == 1
    close("disableCreateEnterprise")
    with pytest.raises(NotAllowed):
        create(olga)


@pytest.mark.parametrize("who", ["sam", "bea", "carla"])
def test_new_03_a_role_without_the_permission_has_no_such_entry(world: World, who: str) -> None:
    actor = world.actor(getattr(world, who))
    assert ACTION not in list(MENU.of(actor))
    with pytest.raises(NotAllowed):
        create(actor)


def test_new_04_an_empty_form_has_support_access_on_and_user_management_off(world: World) -> None:
    form = ACTION.Params(actor=world.actor(world.olga))
    shown = {name: form[name].value() for name in ("operator_access", "operator_user_management", "partner_access")}
    assert (shown["operator_access"], bool(shown["operator_user_management"]), bool(shown["partner_access"])) == (
        True, False, False,
    )  # fmt: skip
    assert form["edge_authentication"].value() == "CERTIFICATE_OPTIONAL"
    assert form["gateway_pool"].value() is None
    assert str(form.fields["gateway_pool"].empty_label) == "The default: of its partner, or Default pool"
    assert ACTION.Params(actor=world.actor(world.pia))["gateway_pool"].value() == world.pool.pk
    create(world.actor(world.olga))
    customer = Customer.objects.get(name="Fabrikam")
    assert (customer.operator_access, customer.operator_user_management) == (True, False)
    assert customer.gateway_pool == world.pool


def test_new_04_what_is_said_holds_against_the_default(world: World) -> None:
    create(world.actor(world.olga), operator_access=False, edge_authentication="CERTIFICATE_REQUIRED")
    customer = Customer.objects.get(name="Fabrikam")
    assert (customer.operator_access, customer.edge_authentication) == (False, "CERTIFICATE_REQUIRED")


@pytest.mark.parametrize("field", ["name", "account_number", "services"])
def test_new_05_a_required_field_left_empty_is_named(world: World, field: str) -> None:
    empty: Any = [] if field == "services" else "  "
    assert errors_of(world.actor(world.olga), **{field: empty}) == {field: ["required"]}


def test_new_06_the_invitation_refuses_a_password_with_an_angle_bracket(world: World) -> None:
    create(world.actor(world.olga))
    with pytest.raises(ValidationError, match="<"):
        validate_password("a fine <long password", User.objects.get(email=FABRIKAM["admin_email"]))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "ＣＯＮＴＯＳＯ", "name_taken"),
        ("name", " contoso ", "name_taken"),
        ("account_number", "a-77", "account_taken"),
        ("domain", "CONTOSO.example", "domain_taken"),
        ("admin_email", "Carla@Contoso.example", "username_taken"),
    ],
)
def test_new_08_and_09_a_conflict_names_the_field_and_leaves_nothing(
    world: World, field: str, value: str, code: str
) -> None:
    Customer.objects.filter(pk=world.contoso.pk).update(
        account_number="A-77", account_key="a-77", domain="contoso.example", domain_key="contoso.example"
    )
    before = Customer.objects.count(), User.objects.count(), Event.objects.count()
    with pytest.raises(InvalidParams) as refusal:
        create(world.actor(world.olga), **{field: value})
    assert refusal.value.status == 409
    assert [error["code"] for error in refusal.value.errors[field]] == [code]
    assert (Customer.objects.count(), User.objects.count(), Event.objects.count()) == before


class LateJudge(type(ACTION)):  # type: ignore[misc]
    """As if the address were free at submit and at the first try of the run, and taken right after."""

    blind = 2

    def problems(self, rows: Any, params: Any, actor: Actor) -> list[Problem]:
        self.blind -= 1
        return [] if self.blind >= 0 else super().problems(rows, params, actor)  # type: ignore[no-any-return]


def test_new_09_an_address_taken_after_the_judgement_leaves_no_half_created_customer(world: World) -> None:
    raw = {**FABRIKAM, "admin_email": world.carla.email}
    job = submit(world.actor(world.olga), LateJudge(), raw=raw, now=NOW)
    assert (job.state, job.changed, job.refused) == ("done", 0, 1)
    assert JobRefusal.objects.get(job=job).code == "username_taken"
    assert not Customer.objects.filter(name="Fabrikam").exists()


def test_new_10_a_profile_with_a_deprecated_image_can_neither_be_chosen_nor_sent(world: World) -> None:
    image = SoftwareImage.objects.create(name="Edge", version="3.0.0", deprecated=True)
    old = OperatorProfile.objects.create(name="3.0", name_key="3.0", image=image)
    form = ACTION.Params(actor=world.actor(world.olga))
    assert old not in form.fields["operator_profile"].queryset
    assert errors_of(world.actor(world.olga), operator_profile=old.pk) == {"operator_profile": ["invalid_choice"]}


def test_new_11_a_pool_with_one_gateway_gives_a_warning_and_is_possible(world: World) -> None:
    gateway = Gateway.objects.create(name="gw1", name_key="gw1")
    gateway.pools.add(world.pool)
    olga = world.actor(world.olga)
    shown = preview(olga, ACTION, select=None, raw=FABRIKAM, now=NOW)
    assert any("Default pool has 1" in sentence for sentence in shown.consequences)
    assert create(olga).changed == 1
    Gateway.objects.create(name="gw2", name_key="gw2").pools.add(world.pool)
    raw = {**FABRIKAM, "name": "Other", "account_number": "O", "admin_email": "o@other.example"}
    assert not any("Default pool" in s for s in preview(olga, ACTION, select=None, raw=raw, now=NOW).consequences)


def test_new_12_managing_software_is_off_unless_allowed(world: World) -> None:
    create(world.actor(world.olga))
    assert Customer.objects.get(name="Fabrikam").edge_image_management is False


def test_new_14_a_partners_customer_belongs_to_him_whatever_is_sent(world: World) -> None:
    pia = world.actor(world.pia)
    assert "partner" not in ACTION.Params(actor=pia).fields
    assert errors_of(pia, partner=world.zenith.pk) == {"partner": ["not_allowed"]}
    create(pia)
    customer = Customer.objects.select_related("detail", "stat", "search").get(name="Fabrikam")
    assert customer.partner_id == world.acme.pk
    assert {customer.detail.partner_id, customer.stat.partner_id, customer.search.partner_id} == {world.acme.pk}
    assert User.objects.get(customer=customer).partner_id == world.acme.pk


def test_access_of_a_partner_that_it_does_not_have_is_refused_beside_the_field(world: World) -> None:
    raw = {"name": "Fabrikam", "account_number": "F-1", "partner_access": True}
    with pytest.raises(InvalidParams) as refusal:
        clean(ACTION.Params, raw, world.actor(world.olga))
    assert [each["code"] for each in refusal.value.errors["partner_access"]] == ["no_partner"]
    assert clean(ACTION.Params, {**raw, "partner": world.acme.pk}, world.actor(world.olga))["partner_access"] is True


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"partner_access": False}, False)])
def test_a_partner_that_says_nothing_may_open_the_customer_that_it_makes(
    world: World, given: dict[str, Any], expected: bool
) -> None:
    """Its page has the box ticked, and afterwards only the customer itself could grant it (domain 5.3)."""
    create(world.actor(world.pia, door="api"), **given)
    assert Customer.objects.get(name="Fabrikam").partner_access is expected


def test_an_operator_that_says_nothing_grants_a_partner_no_access(world: World) -> None:
    create(world.actor(world.olga, door="api"), partner=world.acme.pk)
    assert Customer.objects.get(name="Fabrikam").partner_access is False


def test_new_15_both_events_are_written_with_actor_and_id(world: World) -> None:
    job = create(world.actor(world.olga, door="api"))
    customer = Customer.objects.get(name="Fabrikam")
    event = Event.objects.get(name="CREATE_ENTERPRISE")
    assert (event.job_id, event.customer_id, event.actor_name, event.door) == (
        job.pk, customer.pk, world.olga.email, "api",
    )  # fmt: skip
    assert event.after["account_number"] == "F-1"
    assert Event.objects.get(name="CREATE_USER").customer_id == customer.pk


def test_a_customer_without_administrator_is_possible_and_the_preview_says_what_that_means(world: World) -> None:
    olga = world.actor(world.olga)
    shown = preview(olga, ACTION, select=None, raw={**FABRIKAM, "admin_email": ""}, now=NOW)
    assert any("Nobody of the customer" in sentence for sentence in shown.consequences)
    assert errors_of(olga, admin_email="", admin_first_name="Ada") == {"admin_email": ["required"]}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "a\x00b", "forbidden_character"),
        ("name", "a\ud800", "forbidden_character"),
        ("name", "Con\u200btoso", "forbidden_character"),
        ("name", "x" * 256, "max_length"),
        ("account_number", "x" * 65, "max_length"),
        ("name", ["a"], "wrong_type"),
        ("admin_email", "a@[127.0.0.1]", "email_address_literal"),
        ("contact_email", "ä@b.example", "email_local_part"),
        ("country", "XX", "invalid_choice"),
        ("timezone", "Mars/Olympus", "invalid_choice"),
        ("latitude", 91, "max_value"),
        ("partner", 2**70, "invalid_choice"),
        ("services", ["TELEPORT"], "invalid_choice"),
        ("password", "secret", "unknown_field"),
    ],
)
def test_bad_input_is_refused_beside_its_field(world: World, field: str, value: Any, code: str) -> None:
    assert errors_of(world.actor(world.olga), **{field: value}) == {field: [code]}
    assert not Customer.objects.exclude(pk=world.contoso.pk).exists()


@pytest.mark.parametrize("name", ["محمد وشركاه", "🏭 Works", "x" * 255, "null", "0", "1e5", "=1+1", "<b>O'Brien</b>"])
def test_any_other_text_is_kept_as_it_is(world: World, name: str) -> None:
    create(world.actor(world.olga), name=name)
    assert Customer.objects.filter(name=name).exists()
