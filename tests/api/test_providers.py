"""Identity providers over REST: wrong roles and other homes first; a secret never comes out."""

from __future__ import annotations

from typing import Any

import pytest

from bailiwick.models import Event, IdentityProvider, Partner
from tests.api.client import Script
from tests.oidc import CLIENT, SECRET
from tests.world import World

PATH = "/identity-providers"


@pytest.fixture(autouse=True)
def _private(settings: Any) -> None:
    settings.SSO_PRIVATE = True


def body(oidc: Any, **more: Any) -> dict[str, Any]:
    return {"issuer": oidc.issuer, "client_id": CLIENT, "client_secret": SECRET, **more}


def made_by(world: World, oidc: Any) -> dict[str, Any]:
    Partner.objects.filter(pk=world.acme.pk).update(domain="acme.example")
    answer = Script(world.pia).post(PATH, body(oidc))
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_only_superusers_of_a_home_reach_them(world: World, oidc: Any) -> None:
    for user in (world.stan, world.bea, world.sam):
        script = Script(user)
        assert script.get(PATH).status_code == 403
        assert script.post(PATH, body(oidc, domain="operator.example")).status_code == 403
    assert not IdentityProvider.objects.exists()


def test_another_homes_does_not_exist_not_even_for_the_operator(world: World, oidc: Any) -> None:
    made = made_by(world, oidc)
    for user in (world.olga, world.stranger, world.carla):
        script = Script(user)
        assert script.get(PATH).json()["data"] == []
        for key in (made["id"], 99_999_999):
            for method, sent in (("GET", None), ("PATCH", {"is_active": False}), ("DELETE", None)):
                assert script.ask(method, f"{PATH}/{key}", sent).status_code == 404
    assert IdentityProvider.objects.get().is_active


def test_one_is_added_read_changed_and_removed_and_its_secret_is_nowhere(world: World, oidc: Any) -> None:
    made = made_by(world, oidc)
    pia, path = Script(world.pia), f"{PATH}/{made['id']}"
    assert (made["domain"], made["is_active"], made["creates_users"]) == ("acme.example", True, False)
    answers = [pia.get(PATH), pia.get(path)]
    sealed = IdentityProvider.objects.get().sealed
    answers.append(pia.ask("PATCH", path, {"is_active": False}, If_Match='"1"'))
    assert answers[-1].json()["is_active"] is False
    assert IdentityProvider.objects.get().sealed == sealed, "it stays where none is given"
    answers.append(pia.ask("PATCH", path, {"client_secret": "another one"}))
    assert IdentityProvider.objects.get().sealed != sealed
    for answer in answers:
        assert answer.status_code == 200
        assert not any(text in answer.content.decode() for text in (SECRET, sealed, "client_secret", "another one"))
    stale = pia.ask("PATCH", path, {"is_active": True}, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert pia.ask("DELETE", path).status_code == 204
    assert not IdentityProvider.objects.exists()
    assert not any(SECRET in str(event.after) for event in Event.objects.all())


def test_what_cannot_be_is_said_beside_its_field(world: World, oidc: Any) -> None:
    olga, pia = Script(world.olga), Script(world.pia)
    made_by(world, oidc)
    for script, more, status, field, code in (
        (pia, {}, 409, "domain", "domain_taken"),
        (pia, {"domain": "acme.example"}, 403, "domain", "not_allowed"),
        (Script(world.stranger), {}, 422, "domain", "domain_missing"),
        (olga, {}, 422, "domain", "required"),
        (olga, {"domain": "contoso.example"}, 422, "domain", "domain_of_others"),
        (olga, {"domain": "new.example", "client_secret": ""}, 422, "client_secret", "required"),
        (olga, {"domain": "new.example", "creates_users": True}, 422, "default_role", "required"),
        (olga, {"domain": "new.example", "issuer": "http://login.example.com"}, 422, "issuer", "unreachable"),
        (olga, {"domain": "new.example", "creates_users": None}, 422, "creates_users", "wrong_type"),
        (olga, {"domain": "new.example", "is_active": None}, 422, "is_active", "wrong_type"),
        (olga, {"domain": "new.example", "sealed": "x"}, 422, "sealed", "unknown_field"),
    ):
        answer = script.post(PATH, body(oidc, **more))
        told = {name: [each["code"] for each in found] for name, found in answer.json()["errors"].items()}
        assert (answer.status_code, told) == (status, {field: [code]}), more
    assert IdentityProvider.objects.count() == 1
