"""Users over REST: strangers and wrong roles first, then the four verbs; no secret ever comes back."""

from __future__ import annotations

import pytest

from bailiwick.access import tokens
from bailiwick.models import (
    Customer,
    DiagnosticBundle,
    Edge,
    Event,
    Gateway,
    IdentityProvider,
    Role,
    Rollout,
    User,
)
from tests.api.client import Script
from tests.configured import add
from tests.world import NOW, World

NEW = {"email": "new@people.example", "role": "support"}


@pytest.fixture
def olga(world: World) -> Script:
    return Script(world.olga)


def homes(world: World) -> dict[str, dict[str, int]]:
    return {"own": {}, "acme": {"partner": world.acme.pk}, "zenith": {"partner": world.zenith.pk},
            "contoso": {"customer": world.contoso.pk}, "gone": {"customer": 10**9}}  # fmt: skip


LISTS = {
    "olga": {"own": 200, "acme": 200, "zenith": 200, "contoso": 403, "gone": 404},
    "stan": {"own": 200, "acme": 200, "zenith": 200, "contoso": 403, "gone": 404},
    "sam": {"own": 403, "acme": 403, "zenith": 403, "contoso": 403, "gone": 404},
    "pia": {"own": 200, "acme": 200, "zenith": 404, "contoso": 200, "gone": 404},
    "stranger": {"own": 200, "acme": 404, "zenith": 200, "contoso": 404, "gone": 404},
    "carla": {"own": 200, "acme": 404, "zenith": 404, "contoso": 200, "gone": 404},
}


@pytest.mark.parametrize("who", LISTS)
def test_each_home_is_open_to_whom_the_table_says(world: World, who: str) -> None:
    script = Script(getattr(world, who))
    asked = {name: "&".join(f"{key}={pk}" for key, pk in home.items()) for name, home in homes(world).items()}
    assert {name: script.get(f"/users?{query}").status_code for name, query in asked.items()} == LISTS[who]
    if LISTS[who]["own"] == 200:
        levels = {row["level"] for row in script.get("/users").json()["data"]}
        assert levels == {getattr(world, who).level}


@pytest.mark.parametrize("who", ["stan", "sam", "pia", "stranger", "carla"])
def test_the_wrong_role_and_strangers_change_no_operator(world: World, who: str) -> None:
    script, before = Script(getattr(world, who)), list(User.objects.order_by("pk").values())
    path = f"/users/{world.bea.pk}"
    answers = [
        script.ask("PATCH", path, {"role": "superuser"}),
        script.ask("PATCH", path, {"is_active": False}),
        script.ask("DELETE", path),
        script.post("/users", NEW),
    ]
    assert all(answer.status_code in (403, 404, 422) for answer in answers)
    assert list(User.objects.order_by("pk").values()) == before


def test_not_yours_and_never_there_are_the_same_answer(world: World) -> None:
    script = Script(world.pia)
    for method, body in (("GET", None), ("PATCH", {"is_active": False}), ("DELETE", None)):
        one, two = (script.ask(method, f"/users/{pk}", body) for pk in (world.stranger.pk, 10**9))
        assert (one.status_code, one.content, dict(one.headers)) == (two.status_code, two.content, dict(two.headers))
        assert one.status_code == 404


def test_invite_change_and_remove(world: World, olga: Script) -> None:
    made = olga.post("/users", {**NEW, "first_name": "Nea"})
    assert (made.status_code, made.json()["is_invited"], made.json()["role_name"]) == (201, True, "Customer Support")
    path = made.headers["Location"].removeprefix("/api/v1")
    changed = olga.ask("PATCH", path, {"role": "business", "is_active": False}).json()
    assert (changed["role"], changed["is_active"]) == ("business", False)
    assert olga.ask("DELETE", path).status_code == 204
    assert olga.get(path).status_code == 404
    assert [event.name for event in Event.objects.filter(subject=NEW["email"]).order_by("pk")] == [
        "CREATE_OPERATOR_USER", "UPDATE_USER_ROLE", "DISABLE_USER", "DELETE_OPERATOR_USER",
    ]  # fmt: skip


def test_a_change_that_is_half_wrong_does_nothing(world: World, olga: Script) -> None:
    answer = olga.ask("PATCH", f"/users/{world.sam.pk}", {"is_active": False, "role": "root"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["role"])
    assert User.objects.get(pk=world.sam.pk).is_active


def test_a_partner_invites_into_its_customer_and_an_operator_only_where_he_may(world: World, olga: Script) -> None:
    body = {"email": "n@contoso.example", "role": "customer-readonly", "customer": world.contoso.pk}
    refused = olga.post("/users", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "user_management_withdrawn")
    assert Script(world.pia).post("/users", body).json()["customer_id"] == world.contoso.pk
    Customer.objects.update(operator_user_management=True)
    assert olga.post("/users", {**body, "email": "m@contoso.example"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**NEW, "is_superuser": True}, "is_superuser"),
        ({**NEW, "level": "operator"}, "level"),
        ({**NEW, "password": "x"}, "password"),
        ({**NEW, "partner_id": 1}, "partner_id"),
        ({"role": "support"}, "email"),
        ({**NEW, "email": "olga@operator.example"}, "email"),
        ({**NEW, "role": "partner-superuser"}, "role"),
        ({**NEW, "partner": "1"}, "partner"),
        ({**NEW, "customer": True}, "customer"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field(world: World, olga: Script, body: object, field: str) -> None:
    before = User.objects.count()
    answer = olga.post("/users", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "body",
    [{}, {"role": 1}, {"role": None}, {"is_active": None}, {"is_active": "no"}, {"epoch": 9}, {"custom_role_id": 1}],
)
def test_a_change_takes_two_names_and_their_types(world: World, olga: Script, body: object) -> None:
    assert olga.ask("PATCH", f"/users/{world.sam.pk}", body).status_code == 422


def test_no_answer_holds_a_password(world: World, olga: Script) -> None:
    world.sam.set_password("correct horse battery")
    world.sam.save()
    for answer in (olga.get("/users"), olga.get(f"/users/{world.sam.pk}")):
        assert "argon2" not in answer.content.decode()
        assert "password" not in answer.content.decode()


@pytest.mark.usefixtures("owned")
def test_a_token_that_only_reads_writes_nothing_anywhere(world: World) -> None:
    script = Script(world.olga)
    script.token = tokens.create(world.actor(world.olga), world.olga, name="r", now=NOW.now(NOW.tzinfo), read_only=True)
    assert script.get("/customers").status_code == 200
    before = list(User.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())
    paths = script.get("/openapi.json").json()["paths"]
    writes = [(method, path) for path, found in paths.items() for method in found if method not in ("get", "head")]
    assert len(writes) > 20
    for method, path in writes:
        answer = script.ask(method.upper(), _sample(path.removeprefix("/api/v1"), world), {})
        assert (answer.status_code, answer.json()["code"]) == (403, "token_read_only"), path
    after = list(User.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())
    assert after == before


@pytest.fixture
def owned(world: World) -> None:
    """A role and an identity provider of the operator's, and an edge, to be written to."""
    add(world.actor(world.olga), world.contoso, "segment")
    edge = world.edges(world.contoso)[0]
    of = {"edge": edge, "customer_id": edge.customer_id, "partner_id": edge.partner_id}
    DiagnosticBundle.objects.create(kind="plain", actor_name="olga", requested_at=NOW, **of)
    world.rollout()
    Gateway.objects.create(name="gw", name_key="gw")
    Role.objects.create(level="operator", name="R", name_key="r", base="support", created_at=NOW)
    IdentityProvider.objects.create(level="operator", domain="op.example", created_at=NOW)


def _sample(path: str, world: World) -> str:
    unknown = "00000000-0000-4000-8000-000000000000"
    samples = {"customer_id": world.contoso.pk, "profile_id": world.profile.pk, "image_id": world.profile.image_id,
               "user_id": world.sam.pk, "partner_id": world.acme.pk, "local_id": 1, "version": 1,
               "edge_id": Edge.objects.values_list("pk", flat=True).first(), "name": "vco.alert.enable",
               "bundle_id": DiagnosticBundle.objects.values_list("pk", flat=True).first(),
               "gateway_id": Gateway.objects.values_list("pk", flat=True).first(), "pool_id": world.pool.pk,
               "rollout_id": Rollout.objects.values_list("pk", flat=True).first(),
               "role_id": Role.objects.values_list("pk", flat=True).first(),
               "provider_id": IdentityProvider.objects.values_list("pk", flat=True).first()}  # fmt: skip
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}").rpartition(":")[2]
            path = path.replace(part, str(samples.get(name, unknown)))
    return path


@pytest.mark.usefixtures("owned")
def test_n32_a_name_that_is_not_known_is_refused_in_every_body(world: World, olga: Script) -> None:
    """Generated from the document: also a write that came tomorrow is asked."""
    before = list(User.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())
    paths, taken = olga.get("/openapi.json").json()["paths"], {}
    for path, found in paths.items():
        for method, operation in found.items():
            if "application/json" not in operation.get("requestBody", {}).get("content", {}):
                continue
            answer = olga.ask(method.upper(), _sample(path.removeprefix("/api/v1"), world), {"is_superuser": True})
            errors = answer.json().get("errors", {})
            if answer.status_code != 422 or "is_superuser" not in errors:
                taken[f"{method} {path}"] = (answer.status_code, errors)
    assert taken == {}
    after = list(User.objects.order_by("pk").values()), list(Customer.objects.order_by("pk").values())
    assert after == before
