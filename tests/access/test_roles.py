"""Roles: nobody raises anybody above himself, in every combination of levels and roles; custom roles keep to rules."""

import re

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError

from bailiwick.access import homes, roles, users
from bailiwick.access.actor import Actor, NotAllowed, actor_now
from bailiwick.access.permissions import FIXED, ROLES, Permission
from bailiwick.models import Customer, Event, Partner, Role, SystemProperty, User
from tests.web.conftest import signed_in
from tests.world import NOW

P = Permission
EVERY = [(level, role) for level, named in ROLES.items() for role in named]
PARTNERS, CUSTOMERS = set(ROLES["partner"]), set(ROLES["customer"])
# Who may give which roles, where the homes below let him: the rule of domain 16.1, written out.
MAY_GIVE = {
    "superuser": set(ROLES["operator"]) | PARTNERS | CUSTOMERS,
    "standard": PARTNERS | CUSTOMERS,
    "partner-superuser": PARTNERS | CUSTOMERS,
    "customer-superuser": CUSTOMERS,
}


def one_of(world, level, role):
    home = {"partner": {"partner": world.acme}, "customer": {"customer": world.contoso, "partner": world.acme}}
    return world.actor(world.user(f"{role}@maker.example", level, role, **home.get(level, {})))


def places(world):
    return {"operator": {}, "partner": {"partner": world.acme.pk}, "customer": {"customer": world.contoso.pk}}


def attempt(deed, *given):
    try:
        deed(*given, now=NOW)
    except (NotAllowed, ValidationError, ObjectDoesNotExist):
        return False
    return True


def _invite(actor, person, place, *, now):
    users.invite(actor, person, home=homes.find(actor, **place), now=now)


def open_contoso(**values):
    Customer.objects.update(**{"operator_user_management": True, "partner_access": True, **values})


@pytest.mark.parametrize(("level", "role"), EVERY)
def test_nobody_gives_a_role_but_whom_the_table_names(world, level, role):
    open_contoso()
    actor = one_of(world, level, role)
    given = set()
    for place in places(world).values():
        for number, (_level, wanted) in enumerate(EVERY):
            email = f"{wanted}-{number}-{len(given)}@new.example"
            before = User.objects.count()
            if attempt(_invite, actor, users.Person(email=email, role=wanted), place):
                given.add(wanted)
                assert User.objects.get(email=email).role == wanted
            else:
                assert User.objects.count() == before
    assert given == MAY_GIVE.get(role, set())


@pytest.mark.parametrize(("level", "role"), EVERY)
def test_nobody_changes_a_role_but_whom_the_table_names(world, level, role):
    open_contoso()
    world.user("second@operator.example", "operator", "superuser")
    actor = one_of(world, level, role)
    targets = [world.bea, world.pia, world.carla]
    given = set()
    for target in targets:
        for _level, wanted in EVERY:
            before = User.objects.get(pk=target.pk).role
            if attempt(users.change_role, actor, target.pk, wanted):
                given.add(wanted)
                assert User.objects.get(pk=target.pk).role == wanted
            else:
                assert User.objects.get(pk=target.pk).role == before
    assert given == MAY_GIVE.get(role, set())


@pytest.mark.parametrize(("level", "role"), EVERY)
def test_nobody_changes_himself_or_a_stranger(world, level, role):
    actor = one_of(world, level, role)
    other = world.customer("Other")
    closed = [actor.user_id, world.user("x@other.example", "customer", "customer-support", customer=other).pk]
    closed += [] if level == "operator" else [world.stranger.pk, world.sam.pk]
    before = list(User.objects.order_by("pk").values())
    for pk in closed:
        for deed in (users.disable, users.delete):
            assert not attempt(deed, actor, pk)
        for _level, wanted in EVERY:
            if wanted != role:
                assert not attempt(users.change_role, actor, pk, wanted)
    assert list(User.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("who", "closed"),
    [("olga", {"operator_user_management": False}), ("olga", {"operator_access": False}),
     ("pia", {"partner_access": False})],
)  # fmt: skip
def test_a_customer_that_withdrew_access_is_closed_with_the_reason(world, who, closed):
    open_contoso(**closed)
    actor = world.actor(getattr(world, who))
    with pytest.raises(NotAllowed, match="Contoso"):
        homes.find(actor, customer=world.contoso.pk)
    for deed in (users.disable, users.delete, users.unlock, users.send_reset, users.end_sessions):
        with pytest.raises(User.DoesNotExist):
            deed(actor, world.carla.pk, now=NOW)


def test_a_partner_that_withdrew_access_is_closed_to_operators(world):
    Partner.objects.update(operator_access=False)
    with pytest.raises(NotAllowed, match="Acme Partners has withdrawn"):
        homes.find(world.actor(world.olga), partner=world.acme.pk)
    assert homes.find(world.actor(world.pia), partner=world.acme.pk).partner == world.acme
    with pytest.raises(ObjectDoesNotExist):
        homes.find(world.actor(world.stranger), partner=world.acme.pk)


# --- custom roles ---


@pytest.fixture
def customizable(db):
    SystemProperty.objects.create(name=roles.SWITCH, value=True)


def draft(name="Helpers", base="support", add=(), drop=()):
    level = next(level for level, named in ROLES.items() if base in named)
    return roles.Draft(name, base, (ROLES[level][base] | set(add)) - set(drop))


def test_custom_roles_are_closed_while_the_switch_is_off(world):
    with pytest.raises(NotAllowed, match="switched off"):
        roles.create(world.actor(world.olga), draft(), now=NOW)


@pytest.mark.parametrize("who", ["stan", "bea", "sam"])
def test_only_who_may_manage_roles_makes_them(world, customizable, who):
    with pytest.raises(NotAllowed):
        roles.create(world.actor(getattr(world, who)), draft(), now=NOW)


def test_a_custom_role_gives_and_takes(world, customizable):
    olga = world.actor(world.olga)
    row = roles.create(olga, draft(add=[P.CUSTOMER_ALERTS], drop=[P.EVENT_READ]), now=NOW)
    users.change_role(olga, world.sam.pk, f"custom:{row.pk}", now=NOW)
    sam = actor_now(world.sam.pk, door="web")
    assert (sam.may(P.CUSTOMER_ALERTS), sam.may(P.EVENT_READ), sam.role_name) == (True, False, "Helpers")
    roles.update(olga, row.pk, draft(add=[P.CUSTOMER_DELETE][:0]), version=1, now=NOW)
    sam = actor_now(world.sam.pk, door="web")
    assert (sam.may(P.CUSTOMER_ALERTS), sam.may(P.EVENT_READ)) == (False, True)
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "CREATE_ROLE", "UPDATE_USER_ROLE", "UPDATE_ROLE",
    ]  # fmt: skip


@pytest.mark.parametrize("permission", sorted(FIXED & ROLES["operator"]["standard"]))
def test_what_is_fixed_is_neither_denied_nor_added(world, customizable, permission):
    olga = world.actor(world.olga)
    wrong = draft(base="standard", drop=[permission])
    with pytest.raises(ValidationError) as caught:
        roles.create(olga, wrong, now=NOW)
    assert caught.value.error_dict["permissions"][0].code == "fixed_permission"
    if permission not in ROLES["operator"]["support"]:
        with pytest.raises(ValidationError):
            roles.create(olga, draft(base="support", add=[permission]), now=NOW)


def test_the_privileges_of_16_1_are_fixed():
    assert {P.CUSTOMER_CREATE, P.CUSTOMER_READ, P.CUSTOMER_DELETE} <= FIXED
    assert P.MAILBOX_READ in FIXED  # whoever reads letters follows their links
    assert P.CUSTOMER_UPDATE not in FIXED


@pytest.mark.parametrize(
    ("who", "base", "add"),
    [
        ("pia", "partner-superuser", [P.CUSTOMER_TRANSFER]),
        ("pia", "partner-support", [P.PROPERTY_READ]),
        ("carla", "customer-superuser", [P.CUSTOMER_ALERTS]),
        ("carla", "customer-readonly", [P.CUSTOMER_UPDATE]),
    ],
)
def test_a_custom_role_never_holds_more_than_its_maker(world, customizable, who, base, add):
    with pytest.raises(ValidationError) as caught:
        roles.create(world.actor(getattr(world, who)), draft(base=base, add=add), now=NOW)
    assert caught.value.error_dict["permissions"][0].code == "role_escalation"
    assert not Role.objects.exists()


@pytest.mark.parametrize("base", ["superuser", "partner-superuser", "root", ""])
def test_the_base_is_a_role_of_the_same_level(world, customizable, base):
    with pytest.raises(ValidationError):
        roles.create(world.actor(world.carla), roles.Draft("x", base, frozenset()), now=NOW)


def test_a_row_that_claims_more_than_its_level_grants_no_more(world, customizable):
    row = roles.create(world.actor(world.pia), draft(base="partner-support"), now=NOW)
    world.user("x@acme.example", "partner", "custom", partner=world.acme, custom_role=row)
    Role.objects.update(permissions=[each.value for each in P] + ["made.up"])
    actor = Actor.of(User.objects.get(email="x@acme.example"), door="web")
    assert actor.permissions == ROLES["partner"]["partner-superuser"]


def test_roles_of_other_homes_do_not_exist(world, customizable):
    pia = world.actor(world.pia)
    row = roles.create(pia, draft(base="partner-support"), now=NOW)
    for who in ("stranger", "olga", "carla"):
        actor = world.actor(getattr(world, who))
        with pytest.raises(Role.DoesNotExist):
            roles.update(actor, row.pk, draft(), version=1, now=NOW)
        with pytest.raises(Role.DoesNotExist):
            roles.delete(actor, row.pk, now=NOW)
    mate = world.user("y@zenith.example", "partner", "partner-support", partner=world.zenith)
    with pytest.raises(ValidationError):
        users.change_role(world.actor(world.stranger), mate.pk, f"custom:{row.pk}", now=NOW)


def test_who_holds_less_than_a_role_neither_gives_nor_changes_nor_touches_who_has_it(world, customizable):
    olga = world.actor(world.olga)
    keeper = roles.create(olga, draft("Keepers", base="superuser", drop=[P.PROPERTY_UPDATE]), now=NOW)
    users.change_role(olga, world.sam.pk, f"custom:{keeper.pk}", now=NOW)
    sam = actor_now(world.sam.pk, door="web")
    for deed in (users.disable, users.delete, users.end_sessions):
        with pytest.raises(NotAllowed, match="more than you"):
            deed(sam, world.olga.pk, now=NOW)
    with pytest.raises(NotAllowed, match="more than yours"):
        users.change_role(sam, world.bea.pk, "superuser", now=NOW)
    with pytest.raises(NotAllowed, match="your own rights"):
        roles.update(sam, keeper.pk, draft("Keepers", base="superuser"), version=1, now=NOW)
    users.disable(sam, world.bea.pk, now=NOW)


def test_names_are_unique_in_a_home_a_stale_page_and_a_role_in_use_are_refused(world, customizable):
    olga, pia = world.actor(world.olga), world.actor(world.pia)
    row = roles.create(olga, draft("Helpers"), now=NOW)
    roles.create(pia, draft("Helpers", base="partner-support"), now=NOW)
    with pytest.raises(ValidationError) as caught:
        roles.create(olga, draft("HELPERS"), now=NOW)
    assert caught.value.error_dict["name"][0].code == "name_taken"
    with pytest.raises(ValidationError) as caught:
        roles.update(olga, row.pk, draft("Other"), version=7, now=NOW)
    assert caught.value.code == "stale"
    users.change_role(olga, world.sam.pk, f"custom:{row.pk}", now=NOW)
    with pytest.raises(ValidationError, match=r"1 user has this role\."):
        roles.delete(olga, row.pk, now=NOW)
    users.delete(olga, world.sam.pk, now=NOW)
    roles.delete(olga, row.pk, now=NOW)
    assert Event.objects.filter(name="DELETE_ROLE").count() == 1


def test_the_last_superuser_of_a_home_stays_for_its_own_people(world, customizable):
    pia = world.actor(world.pia)
    row = roles.create(pia, draft("All", base="partner-superuser"), now=NOW)
    mate = world.user("mate@acme.example", "partner", "custom", partner=world.acme, custom_role=row)
    with pytest.raises(NotAllowed, match="last Superuser"):
        users.disable(world.actor(mate), world.pia.pk, now=NOW)
    users.disable(world.actor(world.olga), world.pia.pk, now=NOW)


def test_events_of_users_carry_their_home(world):
    open_contoso()
    actor = world.actor(world.pia)
    users.invite(actor, users.Person(email="n@c.example", role="customer-readonly"),
                 home=homes.find(actor, customer=world.contoso.pk), now=NOW)  # fmt: skip
    event = Event.objects.get(name="CREATE_USER")
    assert (event.customer_id, event.partner_id) == (world.contoso.pk, world.acme.pk)
    user = User.objects.get(email="n@c.example")
    assert (user.customer_id, user.partner_id) == (world.contoso.pk, world.acme.pk)


def test_an_operator_looks_after_a_partners_superuser_though_partners_have_rights_of_their_own(world):
    person = users.Person(email="new@acme.example", role="partner-superuser")
    home = homes.find(world.actor(world.olga), partner=world.acme.pk)
    made, _path = users.invite(world.actor(world.olga), person, home=home, now=NOW)
    assert made.role == "partner-superuser"
    assert users.disable(world.actor(world.olga), world.pia.pk, now=NOW).is_active is False


def test_removing_a_role_in_use_says_one_thing_and_the_form_says_rights_in_words(world, customizable):
    row = roles.create(world.actor(world.olga), draft("Helpers"), now=NOW)
    users.change_role(world.actor(world.olga), world.sam.pk, f"custom:{row.pk}", now=NOW)
    browser = signed_in(world.olga)
    answer = browser.post(f"/roles/{row.pk}/delete")
    shown = answer.content.decode()
    assert (answer.status_code, "1 user has this role. Give it another one." in shown) == (422, True)
    assert "Select a valid choice" not in shown
    assert "Operator role, manage" in shown
    assert not re.search(r">[^<]*operator-role\.manage", shown)
