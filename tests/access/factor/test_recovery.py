"""Recovery codes, resets, and who must have a second factor."""

import pytest
from django.core.management import CommandError, call_command

from bailiwick.access import tokens
from bailiwick.access.actor import NotAllowed
from bailiwick.access.factor import duty, enrolment, recovery
from bailiwick.models import CustomerDetail, Event, Factor, Partner, RecoveryCode, SystemProperty, User
from tests.access.factor.test_app import enrol, proves
from tests.world import NOW


def test_ten_codes_come_with_the_first_factor_and_each_works_once(world):
    _secret, codes = enrol(world, world.olga)
    assert len(set(codes)) == 10
    assert proves(world.olga, codes[0].lower()) == "recovery code"
    assert not proves(world.olga, codes[0])
    assert recovery.left(world.olga) == 9
    assert Event.objects.get(name="RECOVERY_CODE_USED").after == {"left": 9}


def test_only_keyed_hashes_are_kept_and_a_code_is_its_owners(world):
    _secret, codes = enrol(world, world.olga)
    enrol(world, world.sam)
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code.replace("-", "") in kept for code in codes)
    assert not proves(world.sam, codes[0])


def test_new_codes_replace_the_old_ones(world):
    _secret, old = enrol(world, world.olga)
    new = enrolment.renew_codes(world.actor(world.olga), world.olga, now=NOW)
    assert not set(old) & set(new)
    assert not proves(world.olga, old[0])
    assert proves(world.olga, new[0]) == "recovery code"


def test_nobody_without_a_factor_gets_codes(world):
    with pytest.raises(NotAllowed):
        enrolment.renew_codes(world.actor(world.olga), world.olga, now=NOW)


def test_an_administrator_resets_it_the_sessions_end_and_it_is_written_down(world):
    enrol(world, world.sam)
    world.sam.refresh_from_db()
    enrolment.reset(world.actor(world.olga), world.sam.pk, now=NOW)
    assert not duty.kinds(world.sam)
    assert not RecoveryCode.objects.exists()
    assert User.objects.get(pk=world.sam.pk).epoch == world.sam.epoch + 1
    event = Event.objects.get(name="RESET_SECOND_FACTOR")
    assert (event.actor_name, event.subject, event.before) == (world.olga.email, world.sam.email, {"kinds": ["app"]})


@pytest.mark.parametrize("who", ["stan", "bea", "sam", "pia", "stranger", "carla"])
def test_nobody_else_resets_an_operators_factor(world, who):
    enrol(world, world.olga)
    with pytest.raises((NotAllowed, User.DoesNotExist)):
        enrolment.reset(world.actor(getattr(world, who)), world.olga.pk, now=NOW)
    assert duty.kinds(world.olga)


def test_nobody_resets_his_own_or_takes_anothers_away(world):
    enrol(world, world.olga)
    row = Factor.objects.get()
    with pytest.raises(NotAllowed):
        enrolment.reset(world.actor(world.olga), world.olga.pk, now=NOW)
    with pytest.raises(Factor.DoesNotExist):
        enrolment.remove(world.actor(world.sam), world.sam, row.pk, now=NOW)
    with pytest.raises(Factor.DoesNotExist):
        enrolment.rename(world.sam, row.pk, "mine")
    assert Factor.objects.get().name == row.name


@pytest.mark.parametrize("level", ["operator", "partner", "customer"])
def test_a_property_makes_it_compulsory_for_one_level(world, level):
    SystemProperty.objects.create(name=f"session.options.requireSecondFactor.{level}", value=True)
    asked = {user.level for user in (world.olga, world.pia, world.carla) if duty.is_required(user)}
    assert asked == {level}


def test_a_partner_and_a_customer_ask_for_it_for_their_own(world):
    Partner.objects.filter(pk=world.acme.pk).update(two_factor_required=True)
    CustomerDetail.objects.filter(customer=world.contoso).update(two_factor_required=True)
    assert duty.is_required(world.pia)
    assert duty.is_required(world.carla)
    assert not duty.is_required(world.stranger)
    assert not duty.is_required(world.olga)


def test_the_last_one_cannot_be_taken_away_where_it_is_compulsory(world):
    enrol(world, world.olga)
    SystemProperty.objects.create(name="session.options.requireSecondFactor.operator", value=True)
    with pytest.raises(NotAllowed) as refused:
        enrolment.remove(world.actor(world.olga), world.olga, Factor.objects.get().pk, now=NOW)
    assert refused.value.code == "last_factor"
    SystemProperty.objects.all().delete()
    enrolment.remove(world.actor(world.olga), world.olga, Factor.objects.get().pk, now=NOW)
    assert not RecoveryCode.objects.exists()


def test_no_token_before_the_factor_where_it_is_compulsory_and_old_tokens_work_on(world):
    before = tokens.create(world.actor(world.olga), world.olga, name="old", now=NOW)
    SystemProperty.objects.create(name="session.options.requireSecondFactor.operator", value=True)
    with pytest.raises(NotAllowed) as refused:
        tokens.create(world.actor(world.olga), world.olga, name="new", now=NOW)
    assert refused.value.code == "second_factor_owed"
    assert tokens.actor_for_token(f"Token {before}", "192.0.2.1", now=NOW)
    enrol(world, world.olga)
    assert tokens.create(world.actor(world.olga), world.olga, name="new", now=NOW)


def test_whom_a_provider_signs_in_owes_nothing_here(world):
    SystemProperty.objects.create(name="session.options.requireSecondFactor.operator", value=True)
    world.olga.is_native = False
    assert not duty.is_required(world.olga)


def test_the_console_resets_the_factor_of_the_last_superuser(world):
    enrol(world, world.olga)
    call_command("user", "reset-factor", world.olga.email)
    assert not duty.kinds(world.olga)
    assert Event.objects.get(name="RESET_SECOND_FACTOR").actor_name == "console"
    with pytest.raises(CommandError):
        call_command("user", "reset-factor", "nobody@example.com")
