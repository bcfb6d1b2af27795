"""A portal in which every text of every row is a payload: each row its own (R-23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Event, Job, Role, SavedView, SoftwareImage, Token, TransferOffer, User
from bailiwick.outbox import enqueue_mail
from tests.negatives.payloads import PAYLOADS, payload
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = len(PAYLOADS)
# What is never a person's text: words of the program, keys, hashes, sealed bytes.
WORDS = {
    "action", "activation_state", "base", "bastion_state", "category", "country", "credential_id", "default_role",
    "digest", "door", "edge_authentication", "idempotency_key", "key", "kind", "level", "locale", "missing_pool",
    "outcome", "password", "purpose", "request_digest", "role", "sealed", "session_data", "severity", "state",
    "timezone",
}  # fmt: skip
PROGRAMS = {("Event", "name"), ("SystemProperty", "name"), ("Attempt", "subject"), ("JobRefusal", "code")}
PLACES = {("Partner", "state"), ("CustomerDetail", "state")}


def texts(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields of a table in which somebody's text may stand."""
    return [field for field in model._meta.concrete_fields if _is_text(model.__name__, field)]


def _is_text(table: str, field: models.Field[Any, Any]) -> bool:
    if not isinstance(field, models.CharField | models.TextField) or (table, field.name) in PROGRAMS:
        return False
    machine = field.name in WORDS or field.name.endswith(("_key", "_hash"))
    return (table, field.name) in PLACES or not machine


def tables() -> Iterator[type[models.Model]]:
    for model in apps.get_app_config("bailiwick").get_models():
        if model._meta.managed and texts(model):
            yield model


def people(world: World) -> None:
    """Rows of every kind that a page lists, as many as there are payloads."""
    rows = world.customers(NUMBER, partner=world.acme)
    for row in rows[::2]:
        world.edges(row)
    for number in range(NUMBER):
        world.partner(f"Partner {number}")
        user = world.user(f"user{number}@operator.example", "operator", "support")
        Token.objects.create(
            user=user,
            name="n",
            key=f"{number:016x}",
            secret_hash="-",
            created_at=NOW,
            expires_at=NOW.replace(year=2099),
        )
        SavedView.objects.create(user=world.olga, name=f"View {number}", query={"search": payload(number)})
        Role.objects.create(
            level="operator", name=f"Role {number}", name_key=f"role {number}", base="support", created_at=NOW
        )
        SoftwareImage.objects.create(name=f"Image {number}", version="1")
    work(world, [row.pk for row in rows])


def work(world: World, ids: list[int]) -> None:
    """Jobs with outcomes of both kinds, events of all rows, letters, an offer that waits."""
    olga = world.actor(world.olga)
    submit(olga, MENU["update-customer-alerts"], select={"ids": ids}, raw={"enabled": "false"}, now=NOW)
    submit(olga, MENU["delete-customer"], select={"ids": ids[:10]}, raw={}, now=NOW, confirm=10)
    sample = Job.objects.filter(action="delete-customer").values().last()
    unique = ("id", "logical_id", "idempotency_key")
    kept = {name: value for name, value in sample.items() if name not in unique}
    Job.objects.bulk_create(Job(**kept) for _ in range(NUMBER))
    for number in range(NUMBER):
        enqueue_mail([payload(number)], subject=payload(number), body=payload(number), key=str(number), now=NOW)


def plant() -> None:
    """The payloads, into every text of every row."""
    for model in tables():
        fields, rows = texts(model), list(model._base_manager.order_by("pk"))
        for number, row in enumerate(rows):
            for field in fields:
                length = field.max_length or 10_000
                setattr(
                    row,
                    field.attname,
                    f"{number} {payload(number)}"[:length] if field.unique else payload(number)[:length],
                )
        if rows:
            model._base_manager.bulk_update(rows, [field.name for field in fields])
    for number, event in enumerate(Event.objects.exclude(after=None).order_by("pk")):
        said = {"name": payload(number), payload(number): payload(number)}
        Event.objects.filter(pk=event.pk).update(before=said | {"name": "x"}, after=said)
    assert User.objects.count() > NUMBER
    assert not TransferOffer.objects.exists()
