"""Changing other people's rights: the wrong role and the stranger first."""

import pytest
from django.core.exceptions import ValidationError

from bailiwick.access import users
from bailiwick.access.actor import NotAllowed
from bailiwick.access.tokens import actor_for_token, create
from bailiwick.models import Event, Link, OutboxMessage, Partner, User
from bailiwick.outbox import text_of
from tests.world import NOW

CHANGES = [users.disable, users.enable, users.unlock, users.send_reset, users.delete, users.end_sessions]
NEW = users.Person(email="new@operator.example", role="support")


@pytest.mark.parametrize("name", ["stan", "bea", "sam", "pia", "stranger", "carla"])
def test_n06_nobody_but_a_superuser_changes_an_operator(world, name):
    actor, rows = world.actor(getattr(world, name)), list(User.objects.order_by("pk").values())
    for change in CHANGES:
        with pytest.raises((NotAllowed, User.DoesNotExist)):
            change(actor, world.bea.pk, now=NOW)
    with pytest.raises((NotAllowed, ValidationError)):
        users.change_role(actor, getattr(world, name).pk, "superuser", now=NOW)
    with pytest.raises((NotAllowed, ValidationError)):
        users.invite(actor, NEW, now=NOW)
    assert list(User.objects.order_by("pk").values()) == rows
    assert not Event.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_an_operator_reaches_only_users_of_homes_that_let_him(world):
    Partner.objects.filter(pk=world.acme.pk).update(operator_access=False)
    for change in CHANGES:
        for closed in (world.pia, world.carla):
            with pytest.raises(User.DoesNotExist):
                change(world.actor(world.olga), closed.pk, now=NOW)
    assert users.disable(world.actor(world.olga), world.stranger.pk, now=NOW).is_active is False


def test_an_invitation_makes_a_user_without_a_password_and_one_letter(world):
    user, path = users.invite(world.actor(world.olga), NEW, now=NOW)
    assert (user.level, user.role, user.has_usable_password()) == ("operator", "support", False)
    letter = OutboxMessage.objects.get()
    assert letter.payload["to"] == "new@operator.example"
    assert path in text_of(letter.payload)
    assert Event.objects.get().name == "CREATE_OPERATOR_USER"
    assert path.rpartition("/")[2] not in letter.key


@pytest.mark.parametrize("email", ["olga@operator.example", "OLGA@operator.example", "pia@acme.example"])
def test_an_address_that_is_taken_anywhere_is_refused_and_nothing_is_half_made(world, email):
    before = User.objects.count()
    with pytest.raises(ValidationError) as caught:
        users.invite(world.actor(world.olga), users.Person(email=email, role="support"), now=NOW)
    assert caught.value.error_dict["email"][0].code == "email_taken"
    assert (User.objects.count(), Link.objects.count(), OutboxMessage.objects.count(), Event.objects.count()) == (
        before,
        0,
        0,
        0,
    )


@pytest.mark.parametrize("role", ["", "root", "partner-superuser", "customer-superuser"])
def test_a_role_of_another_portal_is_no_choice(world, role):
    with pytest.raises(ValidationError):
        users.invite(world.actor(world.olga), users.Person(email="n@operator.example", role=role), now=NOW)
    with pytest.raises(ValidationError):
        users.change_role(world.actor(world.olga), world.sam.pk, role, now=NOW)


def test_nobody_disables_demotes_or_removes_himself(world):
    world.user("second@operator.example", "operator", "superuser")
    actor = world.actor(world.olga)
    for change in (users.disable, users.delete):
        with pytest.raises(NotAllowed, match="your own"):
            change(actor, world.olga.pk, now=NOW)
    with pytest.raises(NotAllowed, match="your own"):
        users.change_role(actor, world.olga.pk, "support", now=NOW)


def test_the_last_superuser_stays(world):
    second = world.user("second@operator.example", "operator", "superuser")
    users.disable(world.actor(world.olga), second.pk, now=NOW)
    with pytest.raises(NotAllowed, match="last Superuser"):
        users.disable(world.actor(second), world.olga.pk, now=NOW)
    with pytest.raises(NotAllowed, match="last Superuser"):
        users.change_role(world.actor(second), world.olga.pk, "support", now=NOW)


def test_disabling_ends_sessions_links_and_tokens_at_once(world):
    token = create(world.actor(world.sam), world.sam, name="x", now=NOW)
    users.send_reset(world.actor(world.olga), world.sam.pk, now=NOW)
    user = users.disable(world.actor(world.olga), world.sam.pk, now=NOW)
    assert user.epoch == world.sam.epoch + 1
    assert not Link.objects.filter(user=user, used_at=None).exists()
    assert actor_for_token(f"Token {token}", "", now=NOW) is None


def test_each_change_is_one_event_with_before_and_after_and_none_when_nothing_changed(world):
    actor = world.actor(world.olga)
    users.change_role(actor, world.sam.pk, "business", now=NOW)
    users.change_role(actor, world.sam.pk, "business", now=NOW)
    event = Event.objects.get()
    assert (event.name, event.before, event.after, event.subject) == (
        "UPDATE_USER_ROLE", {"role": "support"}, {"role": "business"}, world.sam.email,
    )  # fmt: skip


def test_a_removed_users_address_is_free_again(world):
    users.delete(world.actor(world.olga), world.sam.pk, now=NOW)
    user, _path = users.invite(world.actor(world.olga), users.Person(email=world.sam.email, role="support"), now=NOW)
    assert user.pk != world.sam.pk


def test_n32_a_user_changes_no_more_of_himself_than_names_and_time_zone(world):
    user = users.update_own(
        world.actor(world.sam),
        now=NOW,
        first_name="Sam",
        role="superuser",
        level="customer",
        email="x@y.example",
        is_active="",
        epoch="9",
    )
    user.refresh_from_db()
    assert (user.first_name, user.role, user.level, user.email, user.epoch) == (
        "Sam",
        "support",
        "operator",
        world.sam.email,
        1,
    )
