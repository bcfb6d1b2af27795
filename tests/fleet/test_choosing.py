"""An edge's own software (domain 10.1, 10.3, 10.4): among what its customer may choose, while the management is on."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from bailiwick.access.actor import NotAllowed
from bailiwick.engine.forms.form import InvalidParams
from bailiwick.fleet import provisioning
from bailiwick.fleet.assignment import assignment_of
from bailiwick.models import Customer, Edge, Event, OperatorProfile, SoftwareImage, User
from tests.actions.test_unassign_operator_profile import unassign
from tests.actions.test_update_edge_image_management import may_choose, profile
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW, World


@pytest.fixture
def edge(world: World) -> Edge:
    """An edge of Contoso, whose administrators choose."""
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    return world.edges(world.contoso)[0]


@pytest.fixture
def early(world: World) -> OperatorProfile:
    """One that Contoso may choose besides its default."""
    found = profile(world, image=SoftwareImage.objects.create(name="Edge", version="6.4.0"))
    may_choose(world.contoso, found)
    return found


def choose(world: World, edge: Edge, given: Any, user: User | None = None) -> Edge:
    return provisioning.change(world.actor(user or world.olga), edge.pk, {"operator_profile": given}, now=NOW)


def patch(world: World, edge: Edge, given: Any, user: User | None = None) -> Any:
    return Script(user or world.olga, by=world.olga).ask("PATCH", f"/edges/{edge.pk}", {"operator_profile": given})


@pytest.mark.parametrize(
    ("who", "status"), [("stan", 200), ("bea", 403), ("sam", 403), ("pia", 200), ("stranger", 404), ("carla", 200)]
)
def test_who_may_choose(world: World, edge: Edge, early: OperatorProfile, who: str, status: int) -> None:
    assert patch(world, edge, early.pk, getattr(world, who)).status_code == status
    edge.refresh_from_db()
    assert edge.operator_profile_id == (early.pk if status == 200 else None)


def test_the_shell_of_the_rule_asks_for_the_right_too(world: World, edge: Edge, early: OperatorProfile) -> None:
    with pytest.raises(NotAllowed):
        choose(world, edge, early, world.sam)
    with pytest.raises(Edge.DoesNotExist):
        choose(world, edge, early, world.stranger)


def test_its_device_is_told_the_image_and_the_log_the_change(world: World, edge: Edge, early: OperatorProfile) -> None:
    assert assignment_of(edge.pk).image.version == "5.2.0"
    answer = patch(world, edge, early.pk, world.carla).json()
    assert (answer["operator_profile_id"], answer["effective_operator_profile_id"]) == (early.pk, early.pk)
    assert assignment_of(edge.pk).image.version == "6.4.0"
    answer = patch(world, edge, None, world.carla).json()
    assert (answer["operator_profile_id"], answer["effective_operator_profile_id"]) == (None, world.profile.pk)
    assert patch(world, edge, None, world.carla).status_code == 200  # changes nothing: no event
    told = Event.objects.filter(name="EDGE_UPDATE_ATTRIBUTES").order_by("pk").values_list("before", "after")
    own, default = {"operator_profile": "6.4 early"}, {"operator_profile": None}
    assert list(told) == [(default, own), (own, default)]


def test_with_the_management_off_nobody_chooses(world: World, edge: Edge, early: OperatorProfile) -> None:
    choose(world, edge, world.profile)
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=False)
    for user in (world.olga, world.pia, world.carla):
        answer = patch(world, edge, early.pk, user)
        assert (answer.status_code, answer.json()["errors"]["operator_profile"][0]["code"]) == (
            422,
            "image_management_off",
        )
    assert patch(world, edge, None, world.carla).status_code == 422
    assert patch(world, edge, None, world.pia).json()["operator_profile_id"] is None


def test_only_what_the_customer_may_choose(world: World, edge: Edge, early: OperatorProfile) -> None:
    other = profile(world, "Another")
    for user in (world.olga, world.carla):
        assert patch(world, edge, other.pk, user).json()["errors"]["operator_profile"][0]["code"] == "invalid_choice"
    may_choose(world.customer("Fabrikam", partner=world.acme), other)
    answer = patch(world, edge, other.pk)
    assert answer.json()["errors"]["operator_profile"][0]["code"] == "profile_not_assigned"
    # Of another customer's profiles its neighbour learns nothing.
    answer = patch(world, edge, other.pk, world.carla)
    assert answer.json()["errors"]["operator_profile"][0]["code"] == "invalid_choice"
    assert patch(world, edge, world.profile.pk, world.carla).status_code == 200  # the default, and it stays that
    assert patch(world, edge, early.name, world.carla).json()["operator_profile_id"] == early.pk


def test_a_deprecated_image_is_not_chosen_and_stays_where_it_is(
    world: World, edge: Edge, early: OperatorProfile
) -> None:
    SoftwareImage.objects.filter(pk=early.image_id).update(deprecated=True)
    answer = patch(world, edge, early.pk)
    assert answer.json()["errors"]["operator_profile"][0]["code"] == "image_deprecated"
    Edge.objects.filter(pk=edge.pk).update(operator_profile=early)
    assert patch(world, edge, early.pk).status_code == 200
    page = signed_in(world.carla).get(f"/customers/{world.contoso.pk}/edges/{edge.pk}").content.decode()
    assert f'<option value="{early.pk}" selected>6.4 early (Edge 6.4.0)</option>' in page


def test_one_request_changes_all_or_nothing(world: World, edge: Edge, early: OperatorProfile) -> None:
    SoftwareImage.objects.filter(pk=early.image_id).update(deprecated=True)
    ask = Script(world.olga).ask
    both = {"alerts_enabled": False, "operator_profile": early.pk}
    assert ask("PATCH", f"/edges/{edge.pk}", both).status_code == 422
    assert Edge.objects.get(pk=edge.pk).alerts_enabled
    SoftwareImage.objects.filter(pk=early.image_id).update(deprecated=False)
    assert ask("PATCH", f"/edges/{edge.pk}", both).status_code == 200
    [event] = Event.objects.filter(name="EDGE_UPDATE_ATTRIBUTES")
    assert event.after == {"alerts_enabled": False, "operator_profile": "6.4 early"}


def test_the_page_says_what_holds_and_why(world: World, edge: Edge, early: OperatorProfile) -> None:
    browser, page = signed_in(world.carla), f"/customers/{world.contoso.pk}/edges/{edge.pk}"
    assert "the customer&#x27;s default</span>" in browser.get(page).content.decode().replace("'", "&#x27;")
    assert browser.post(f"{page}/software", {"operator_profile": early.pk}).status_code == 302
    assert "its own choice" in browser.get(page).content.decode()
    assert browser.post(f"{page}/software", {"operator_profile": 999_999}).status_code == 409
    Edge.objects.filter(pk=edge.pk).update(operator_profile=None)
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=False)
    closed = browser.get(page).content.decode()
    assert "Edge Image Management is off: ask who runs your network" in closed
    assert f"{page}/software" not in closed
    assert browser.post(f"{page}/software", {"operator_profile": early.pk}).status_code == 409
    assert Edge.objects.get(pk=edge.pk).operator_profile_id is None
    assert f"{page}/software" not in signed_in(world.sam).get(page).content.decode()


def test_the_list_asks_once_however_many_edges(world: World, edge: Edge, django_assert_max_num_queries: Any) -> None:
    script = Script(world.olga)
    script.get("/edges")
    world.edges(world.contoso, 5)
    with django_assert_max_num_queries(8):
        assert len(script.get("/edges").json()["data"]) == 6
    assert edge.pk


@pytest.mark.parametrize("_turn", range(5))
def test_a_profile_is_not_taken_away_while_an_edge_gets_it(lasting_world: World, _turn: int) -> None:
    world = lasting_world
    Customer.objects.filter(pk=world.contoso.pk).update(edge_image_management=True)
    edge, early = world.edges(world.contoso)[0], profile(world)
    may_choose(world.contoso, early)
    gate = threading.Barrier(2)

    def chooses() -> None:
        connection.ensure_connection()
        gate.wait(20)
        try:
            choose(world, edge, early)
        except InvalidParams:  # it was taken away before
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=chooses)
    thread.start()
    gate.wait(20)
    job = unassign(world, early, world.contoso)
    thread.join(60)
    edge.refresh_from_db()
    assert (edge.operator_profile_id is None) == (job.changed == 1)
