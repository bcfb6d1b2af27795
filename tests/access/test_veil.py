"""What operators learn of a customer's users where it manages them itself: nothing that names one (domain 8.4)."""

import pytest

from bailiwick import audit
from bailiwick.access import history, homes, users
from bailiwick.access.history import EventFilter
from bailiwick.access.login import WrongPassword, check
from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, Event, OutboxMessage, User
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW

SECRETS = ("carla@contoso.example", "Carlotta", "dora@contoso.example", "Dorothea", "192.0.2.77")
LABEL = "an administrator of Contoso"


@pytest.fixture
def told(world):
    """Carla signs in wrongly, renames herself, invites Dora, changes the customer; an operator had invited her."""
    carla = world.actor(world.carla)
    with pytest.raises(WrongPassword):
        check(world.carla.email, "wrong", address="192.0.2.77", now=NOW)
    users.update_own(carla, first_name="Carlotta", now=NOW)
    dora = users.Person(email="dora@contoso.example", role="customer-readonly", first_name="Dorothea")
    users.invite(carla, dora, home=homes.own(carla), now=NOW)
    audit.record(carla, "UPDATE_ENTERPRISE", subject="Contoso", customer=world.contoso, after={"city": "Bern"},
                 category="CONFIGURATION", at=NOW)  # fmt: skip
    audit.record(carla, "EXPORT_CUSTOMERS", subject="all", at=NOW)
    submit(
        carla, MENU["modify-customer"], select={"ids": [world.contoso.pk]}, raw={"contact_name": "Front desk"}, now=NOW
    )
    audit.record(world.actor(world.olga), "CREATE_USER", subject=world.carla.email, customer=world.contoso, at=NOW)
    return world


def everything(client, api, world):
    pages = ["/events", f"/customers/{world.contoso.pk}/events", f"/customers/{world.contoso.pk}", "/users", "/jobs",
             "/customers", f"/jobs/{world.contoso.pk}"]  # fmt: skip
    shown = [client.get(page).content.decode() for page in pages]
    shown.append(b"".join(client.get("/events.csv").streaming_content).decode())
    shown.append(client.get(f"/customers/{world.contoso.pk}/users").content.decode())
    shown.append(api.get(f"/users?customer={world.contoso.pk}").content.decode())
    shown += [
        api.get(path).content.decode() for path in ("/events", "/jobs", f"/customers/{world.contoso.pk}", "/users")
    ]
    return "\n".join(shown)


@pytest.mark.parametrize("who", ["olga", "stan", "bea", "sam"])
def test_no_page_no_file_and_no_answer_names_a_user_of_such_a_customer(told, who):
    reader = getattr(told, who)
    shown = everything(signed_in(reader), Script(reader), told)
    assert [secret for secret in SECRETS if secret in shown] == []
    assert LABEL in shown
    assert "Bern" in shown


def test_it_shows_them_to_operators_once_the_customer_lets_it(told):
    Customer.objects.update(operator_user_management=True)
    shown = everything(signed_in(told.olga), Script(told.olga), told)
    assert [secret for secret in SECRETS if secret not in shown] == []


@pytest.mark.parametrize("who", ["carla", "pia"])
def test_the_customer_and_its_partner_read_the_names(told, who):
    names = {event.actor_name for event in history.read(told.actor(getattr(told, who)), EventFilter())[0]}
    assert told.carla.email in names


@pytest.mark.parametrize("asked", [{"actor": "carla"}, {"subject": "dora"}, {"actor": "contoso.example"}])
def test_a_filter_is_no_way_to_guess_a_name(told, asked):
    assert history.read(told.actor(told.olga), EventFilter(**asked))[0] == []


def test_events_of_users_of_a_purged_customer_stay_veiled(told):
    User.objects.filter(customer=told.contoso).delete()
    Customer.objects.filter(pk=told.contoso.pk).delete()
    shown = str(list(history.events(told.actor(told.olga), EventFilter()).values()))
    assert [secret for secret in SECRETS if secret in shown] == []
    assert "a removed user" in shown


def test_nothing_else_is_veiled(world):
    audit.record(world.actor(world.olga), "UPDATE_USER_ROLE", subject=world.sam.email, after={"email": "x@y"}, at=NOW)
    audit.record(world.actor(world.pia), "UPDATE_USER", subject=world.pia.email, partner_id=world.acme.pk, at=NOW)
    read = history.events(world.actor(world.olga), EventFilter())
    assert list(read.values()) == list(Event.objects.order_by("-id").values())
    assert OutboxMessage.objects.count() == 0
