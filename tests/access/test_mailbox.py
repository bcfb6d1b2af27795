"""What a Superuser reads in the mailbox: no link lets him in as a user whom he may not see (domain 8.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bailiwick import outbox
from bailiwick.access import homes, letters, users
from bailiwick.access.mailbox import mailbox_for
from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, OutboxMessage, Partner, User
from tests.web.conftest import signed_in
from tests.world import NOW

if TYPE_CHECKING:
    from tests.world import World

OPENING = ("operator_access", "operator_user_management")


def shown(world: World) -> str:
    browser = signed_in(world.olga)
    pages = ["/mailbox", *(f"/mailbox/{mail.pk}" for mail in OutboxMessage.objects.all())]
    return "".join(browser.get(page).content.decode() for page in pages)


def lets(customer: Customer, *, access: bool, management: bool) -> None:
    values = dict(zip(OPENING, (access, management), strict=True))
    Customer.objects.filter(pk=customer.pk).update(**values)


def forgotten(user: User) -> None:
    letters.send_forgotten(user.email, address="192.0.2.1", now=NOW)


@pytest.mark.parametrize(("access", "management"), [(False, False), (False, True), (True, False)])
def test_the_link_of_an_administrator_who_forgot_his_password_is_his_alone(
    world: World, *, access: bool, management: bool
) -> None:
    lets(world.contoso, access=access, management=management)
    forgotten(world.carla)
    read = shown(world)
    assert "carla@" not in read
    assert "/link/" not in read
    assert "A new password for the SD-WAN portal" in read


def test_it_is_read_where_the_customer_leaves_its_users_to_the_operator(world: World) -> None:
    lets(world.contoso, access=True, management=True)
    forgotten(world.carla)
    assert all(told in shown(world) for told in (world.carla.email, "/link/"))


def test_the_link_of_a_partner_that_withdrew_access_is_not_read(world: World) -> None:
    forgotten(world.pia)
    assert all(told in shown(world) for told in (world.pia.email, "/link/"))
    Partner.objects.filter(pk=world.acme.pk).update(operator_access=False)
    assert not any(secret in shown(world) for secret in (world.pia.email, "/link/"))


def test_the_first_administrators_invitation_is_read_until_the_customer_withdraws(world: World) -> None:
    letters.send_invitation(world.carla, now=NOW)
    assert all(told in shown(world) for told in (world.carla.email, "/link/"))
    lets(world.contoso, access=False, management=False)
    assert not any(secret in shown(world) for secret in (world.carla.email, "/link/"))


def test_whom_the_customer_invites_itself_is_its_own_affair(world: World) -> None:
    carla = world.actor(world.carla)
    dora = users.Person(email="dora@contoso.example", role="customer-superuser")
    users.invite(carla, dora, home=homes.own(carla), now=NOW)
    assert not any(secret in shown(world) for secret in ("dora@", "/link/"))


def test_a_letter_stays_veiled_when_it_is_sent_and_when_its_user_is_gone(world: World) -> None:
    forgotten(world.carla)
    payload = OutboxMessage.objects.get().payload
    User.objects.filter(pk=world.carla.pk).update(deleted_at=NOW)
    assert "carla@" not in shown(world)
    OutboxMessage.objects.update(payload={name: payload[name] for name in ("to", "subject")})
    assert "carla@" not in shown(world)


def test_a_support_mail_of_a_partner_to_a_customer_that_withdrew_is_not_read(world: World) -> None:
    raw = {"to": [world.carla.email], "subject": "About your bill", "message": "Between us"}
    submit(world.actor(world.pia), MENU["support-email"], select={"ids": [world.contoso.pk]}, raw=raw, now=NOW)
    lets(world.contoso, access=False, management=True)
    read = shown(world)
    assert [secret for secret in ("carla@", "About your bill", "Between us") if secret in read] == []
    lets(world.contoso, access=True, management=True)
    read = shown(world)
    assert [told for told in (world.carla.email, "About your bill", "Between us") if told not in read] == []


def test_operators_and_strangers_mails_are_read_and_nobody_else_has_a_mailbox(world: World) -> None:
    forgotten(world.sam)
    outbox.enqueue_mail(["noc@example.com"], subject="Alert", body="Down", key="alert", now=NOW)
    assert all(told in shown(world) for told in (world.sam.email, "/link/", "noc@example.com", "Down"))
    assert not any(mailbox_for(world.actor(user)) for user in (world.pia, world.carla))
