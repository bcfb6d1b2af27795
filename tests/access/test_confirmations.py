"""Support mails go only to addresses at which somebody of the customer is known to read (issue 3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.actions import MENU
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.engine.preview import preview
from bailiwick.engine.submit import submit
from bailiwick.models import Attempt, Confirmation, Customer, CustomerDetail, Event, OutboxMessage, User
from bailiwick.outbox import text_of
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World

CONTACT = "desk@contoso.example"


def change(world: World, address: str) -> None:
    """The customer's own administrator writes another contact."""
    raw = {"contact_email": address}
    select = {"ids": [world.contoso.pk]}
    submit(world.actor(world.carla), MENU["modify-customer"], select=select, raw=raw, now=timezone.now())


def letters() -> list[str]:
    found = OutboxMessage.objects.filter(payload__purpose="confirmation").order_by("pk")
    return [re.search(r"/confirm-address/\S+", text_of(mail.payload))[0] for mail in found]  # type: ignore[index]


def raw(**params: Any) -> dict[str, Any]:
    return {"subject": "Tonight", "message": "Text", **params}


def why(world: World, **params: Any) -> set[str]:
    """With which codes a support mail is refused; none where it is sent."""
    try:
        submit(world.actor(world.olga, "api"), MENU["support-email"], select={"ids": [world.contoso.pk]},
               raw=raw(**params), now=timezone.now())  # fmt: skip
    except InvalidParams as refused:
        return {error["code"] for found in refused.errors.values() for error in found}
    return set()


def test_a_new_contact_is_asked_and_gets_nothing_before_it_answers(world: World) -> None:
    change(world, CONTACT)
    (mail,) = OutboxMessage.objects.filter(payload__purpose="confirmation")
    assert mail.payload["to"] == CONTACT
    assert "Contoso" in text_of(mail.payload)
    assert why(world) == why(world, to=[CONTACT]) == {"not_confirmed"}
    (link,) = letters()
    assert Client().get(link).status_code == 200
    assert why(world) == {"not_confirmed"}, "looking at the link confirms nothing"
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403
    done = Client().post(link)
    assert (done.status_code, "is confirmed" in done.content.decode()) == (200, True)
    assert why(world) == why(world, to=[CONTACT]) == set()
    told = Event.objects.get(name="CONFIRM_ADDRESS")
    assert (told.customer_id, told.actor_name) == (world.contoso.pk, CONTACT)


def test_a_link_works_once_and_only_its_hash_is_kept(world: World) -> None:
    change(world, CONTACT)
    (link,) = letters()
    assert link.removeprefix("/confirm-address/") not in str(list(Confirmation.objects.values()))
    assert [Client().post(link).status_code for _try in range(2)] == [200, 404]
    assert Client().get(link).status_code == 404
    assert Event.objects.filter(name="CONFIRM_ADDRESS").count() == 1


def test_a_link_dies_of_age_of_a_newer_one_and_with_its_address(world: World) -> None:
    dead = []
    for step in ("older", "other address", "age", "deleted"):
        change(world, f"{len(dead)}@contoso.example")
        link = letters()[-1]
        if step == "older":
            assert signed_in(world.carla).post(f"/customers/{world.contoso.pk}/confirm-contact").status_code == 302
        elif step == "other address":
            CustomerDetail.objects.filter(customer=world.contoso).update(contact_email="x@contoso.example")
        elif step == "age":
            Confirmation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        else:
            Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=NOW)
        dead.append(Client().post(link).status_code)
    assert dead == [404] * 4
    assert not Confirmation.objects.exclude(confirmed_at=None).exists()


def test_another_address_is_not_confirmed_by_the_one_before(world: World) -> None:
    World.confirmed(world.contoso, CONTACT)
    change(world, "other@contoso.example")
    assert why(world) == {"not_confirmed"}
    change(world, CONTACT)
    assert why(world) == set(), "of this one it is still known"


def test_an_address_confirmed_for_one_customer_says_nothing_of_another(world: World) -> None:
    World.confirmed(world.customer("Fabrikam"), CONTACT)
    CustomerDetail.objects.filter(customer=world.contoso).update(contact_email=CONTACT)
    assert why(world) == {"not_confirmed"}


def test_who_signed_in_reads_there_and_who_was_only_invited_may_not(world: World) -> None:
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=True)
    assert why(world) == why(world, to=[world.carla.email]) == set()
    User.objects.filter(pk=world.carla.pk).update(last_login=None)
    assert why(world) == why(world, to=[world.carla.email]) == {"not_confirmed"}
    CustomerDetail.objects.filter(customer=world.contoso).update(contact_email=world.carla.email)
    User.objects.filter(pk=world.carla.pk).update(last_login=NOW)
    Customer.objects.filter(pk=world.contoso.pk).update(operator_user_management=False)
    assert why(world) == set(), "the contact is the address by which she signs in"


def test_every_door_says_the_same_and_the_dialog_marks_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    CustomerDetail.objects.filter(customer=world.contoso).update(contact_email=CONTACT)
    select = {"ids": [world.contoso.pk]}
    with pytest.raises(InvalidParams) as refused:
        preview(world.actor(world.olga), MENU["support-email"], select=select, raw=raw(to=[CONTACT]), now=NOW)
    assert refused.value.errors["to"][0]["code"] == "not_confirmed"
    answer = Script(world.olga).post("/actions/support-email", {"select": select, "params": raw(to=[CONTACT])})
    assert answer.json()["errors"]["to"][0]["code"] == "not_confirmed"
    browser = signed_in(world.olga)
    page = browser.post("/actions/support-email/dialog", {"id": world.contoso.pk}).content.decode()
    assert f"{CONTACT} (not confirmed)" in page
    shown = browser.post("/actions/support-email/preview", {"id": world.contoso.pk, **raw(to=[CONTACT])})
    assert "This address is not confirmed" in shown.content.decode()


def test_the_settings_show_it_and_send_again_but_never_without_end(world: World) -> None:
    CustomerDetail.objects.filter(customer=world.contoso).update(contact_email=CONTACT)
    browser, page = signed_in(world.carla), f"/customers/{world.contoso.pk}/settings"
    assert "Send the link" in browser.get(page).content.decode()
    asked = [browser.post(f"/customers/{world.contoso.pk}/confirm-contact").status_code for _try in range(4)]
    assert asked == [302, 302, 302, 409]
    assert "Send again" in browser.get(page).content.decode()
    assert len(letters()) == 3
    Client().post(letters()[-1])
    shown = browser.get(page).content.decode()
    assert "Send again" not in shown
    assert "Support mails may go there." in shown


def test_whoever_may_not_change_the_contact_sends_nothing(world: World) -> None:
    CustomerDetail.objects.filter(customer=world.contoso).update(contact_email=CONTACT)
    reader = world.user("r@contoso.example", "customer", "customer-readonly", customer=world.contoso)
    path = f"/customers/{world.contoso.pk}/confirm-contact"
    assert signed_in(reader).post(path).status_code == 403
    assert signed_in(world.stranger).post(path).status_code == 404
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    assert signed_in(world.olga).post(path).status_code == 403
    assert not letters()


def test_a_new_customers_contact_is_asked_and_one_from_a_file_is_not(world: World) -> None:
    select = {"name": "Northwind", "account_number": "N-1", "contact_email": "n@northwind.example"}
    assert Script(world.olga).post("/actions/new-customer", {"params": select}).status_code in (200, 201, 202)
    assert len(letters()) == 1
    Attempt.objects.all().delete()
    world.customer("From a file")
    assert len(letters()) == 1


def test_a_customer_takes_what_it_confirmed_along_to_another_partner(world: World) -> None:
    World.confirmed(world.contoso, CONTACT)
    terms = {"partner": world.zenith.pk, "from_partner": True}
    submit(world.actor(world.olga), MENU["transfer-to-partner"], select={"ids": [world.contoso.pk]}, raw=terms, now=NOW)
    assert Confirmation.objects.get().partner_id == world.zenith.pk
    assert why(world) == set()
