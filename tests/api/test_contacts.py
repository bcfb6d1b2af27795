"""A customer's contact address over REST: strangers and wrong roles first, then its life."""

from __future__ import annotations

from django.test import Client

from bailiwick.models import CustomerDetail, OutboxMessage
from tests.api.client import Script
from tests.world import World


def address_of(world: World, address: str) -> str:
    CustomerDetail.objects.filter(customer=world.contoso).update(contact_email=address)
    return f"/customers/{world.contoso.pk}/contact"


def test_strangers_and_wrong_roles_learn_and_send_nothing(world: World) -> None:
    path = address_of(world, "info@contoso.example")
    assert Client().get(f"/api/v1{path}").status_code == Client().post(f"/api/v1{path}/send").status_code == 401
    stranger = Script(world.stranger)
    assert stranger.get(path).content == stranger.get("/customers/999999/contact").content
    assert (stranger.get(path).status_code, stranger.post(f"{path}/send").status_code) == (404, 404)
    assert Script(world.sam, by=world.olga).post(f"{path}/send").status_code == 403
    assert not OutboxMessage.objects.exists()


def test_a_customer_that_let_nobody_in_tells_no_address(world: World) -> None:
    path = address_of(world, "info@contoso.example")
    type(world.contoso).objects.update(operator_access=False, partner_access=False)
    for user in (world.olga, world.pia):
        for answer in (Script(user).get(path), Script(user).post(f"{path}/send")):
            assert answer.status_code == 403
            assert "info@" not in answer.content.decode()


def test_the_state_of_an_address_and_sending_again(world: World) -> None:
    pia, path = Script(world.pia), address_of(world, "")
    assert pia.get(path).json() == {"email": "", "state": "none", "asked_at": None}
    none = pia.post(f"{path}/send")
    assert (none.status_code, none.json()["code"]) == (409, "no_recipient")
    address_of(world, "info@contoso.example")
    assert pia.get(path).json()["state"] == "unconfirmed"
    sent = pia.post(f"{path}/send")
    assert (sent.status_code, sent.json()["state"]) == (202, "waiting")
    assert sent.json() == pia.get(path).json()
    assert sent.json()["asked_at"]
    assert OutboxMessage.objects.count() == 1
    world.confirmed(world.contoso, "info@contoso.example")
    assert pia.get(path).json()["state"] == "confirmed"


def test_nobody_is_flooded_and_a_body_is_none(world: World) -> None:
    carla, path = Script(world.carla), address_of(world, "info@contoso.example")
    assert carla.post(f"{path}/send", {"email": "other@contoso.example"}).status_code == 422
    answers = [carla.post(f"{path}/send") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 409]
    assert answers[-1].json()["code"] == "too_many"
