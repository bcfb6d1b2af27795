"""What the self-test plants: a home that asks, one that is not its own, rows of every kind under one known number.

All of it is made in a transaction that is never committed: a worker that is killed leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from bailiwick.access.permissions import SUPERUSER
from bailiwick.access.session_store import stored_key
from bailiwick.fleet.diagnostics.files import write
from bailiwick.management.self_test.sides import DELETED, FOREIGN, MARK, OFFERED, OWN, SHARED, Id, Side
from bailiwick.models import (
    Browser,
    ConfigurationObject,
    ConfigurationVersion,
    Customer,
    CustomerDetail,
    CustomerProfile,
    CustomerSearch,
    CustomerStat,
    DiagnosticBundle,
    Edge,
    Event,
    Factor,
    Gateway,
    GatewayPool,
    IdentityProvider,
    Job,
    JobRefusal,
    OperatorProfile,
    OutboxMessage,
    Partner,
    PartnerPool,
    PartnerProfile,
    Role,
    SavedView,
    Selection,
    SelectionChunk,
    Token,
    TransferOffer,
    Upload,
    User,
)
from bailiwick.models.text import name_key, search_text

if TYPE_CHECKING:
    from datetime import datetime
ACTION = "update-customer-alerts"


def plant(level: str, *, now: datetime) -> str:
    """Makes both sides for an asker of this level; returns the key of his session. Runs in the caller's transaction."""
    own, foreign = Side(OWN, level, "Own", now), Side(FOREIGN, level, MARK, now)
    _shared()
    for side in (own, foreign):
        _owner(side)
        customer(side, side.id)
        _people(side)
        _edge(side)
        _work(side)
        _offer(side)
    customer(foreign, DELETED, deleted_at=now)
    _user(foreign, DELETED, deleted_at=now)
    return _session(User.objects.get(pk=OWN.number), now, own)


def _shared() -> None:
    """A pool and a profile that everybody may give, and the partner that two customers share."""
    GatewayPool.objects.create(pk=SHARED.number, name="Shared pool", name_key="self-test shared")
    OperatorProfile.objects.create(pk=SHARED.number, name="Shared profile", name_key="self-test shared")
    _partner(SHARED, "Shared")


def _partner(which: Id, name: str) -> None:
    pk = which.number
    Partner.objects.create(
        pk=pk, logical_id=which.uuid, name=f"{name} partner", name_key=f"{name} self-test partner",
        domain=f"{name.lower()}.invalid", operate_gateways=True,
    )  # fmt: skip
    PartnerPool.objects.create(pk=pk, partner_id=pk, gateway_pool_id=SHARED.number)
    PartnerProfile.objects.create(pk=pk, partner_id=pk, operator_profile_id=SHARED.number)


def _owner(side: Side) -> None:
    """The partner of this side, with a pool of its own and a profile that only it may give."""
    _partner(side.id, side.mark)
    name, pk = f"{side.mark} things", side.id.number
    owner = {"partner_id": pk}
    pool = GatewayPool.objects.create(pk=pk, logical_id=side.id.uuid, name=name, name_key=name_key(name), **owner)
    gateway = Gateway.objects.create(pk=pk, logical_id=side.id.uuid, name=name, name_key=name_key(name), **owner)
    gateway.pools.add(pool)
    OperatorProfile.objects.create(pk=pk, name=name, name_key=name_key(name))
    PartnerProfile.objects.create(pk=pk + OFFERED, operator_profile_id=pk, **owner)


def customer(side: Side, which: Id, **values: Any) -> None:
    """One customer of this side with its details, counters and search text."""
    pk, owner = which.number, {"partner_id": side.partner_id, **_only(values, "partner_id")}
    name = f"{side.mark} customer {pk}"
    account, domain = f"{side.mark}-{pk}", f"{side.mark.lower()}-{pk}.invalid"
    Customer.objects.create(
        **{
            "pk": pk, "logical_id": which.uuid, "name": name, "name_key": name_key(name), "account_number": account,
            "account_key": name_key(account), "domain": domain, "domain_key": name_key(domain),
            "gateway_pool_id": SHARED.number, "operator_profile_id": SHARED.number, "partner_access": True,
            "operator_user_management": True, "created_at": side.now, "updated_at": side.now,
        } | owner | values
    )  # fmt: skip
    CustomerDetail.objects.create(customer_id=pk, city=f"{side.mark} city", contact_name=f"{side.mark} desk", **owner)
    CustomerStat.objects.create(customer_id=pk, **owner)
    CustomerProfile.objects.create(pk=pk, customer_id=pk, operator_profile_id=SHARED.number, **owner)
    CustomerSearch.objects.create(customer_id=pk, text=search_text(name, account, domain), **owner)


def _only(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: values[name]} if name in values else {}


def _user(side: Side, which: Id, **values: Any) -> User:
    email = f"{side.mark.lower()}-{which.number}@self-test.invalid"
    return User.objects.create(
        pk=which.number, logical_id=which.uuid, email=email, email_key=email, first_name=f"{side.mark} Ada",
        last_name=f"{side.mark} Lovelace", password="!",  # noqa: S106 -- nobody can sign in with it
        level=side.level, role=SUPERUSER[side.level],
        **side.home, **values,
    )  # fmt: skip


def _people(side: Side) -> None:
    """A user with everything that a user can have, a role and an identity provider."""
    user, name = _user(side, side.id), f"{side.mark} row"
    bounds = {"partner_id": user.partner_id, "customer_id": user.customer_id}
    # A second one: the last superuser of a home stays, and nobody changes himself.
    _user(side, Id(side.id.number + OFFERED))
    Role.objects.create(
        **side.row, level=side.level, name=name, name_key=name_key(name), base=SUPERUSER[side.level],
        created_at=side.now, **side.home,
    )  # fmt: skip
    Token.objects.create(
        **side.row, user=user, name=name, key=f"{side.mark}-key", secret_hash=f"{side.mark}-hash",
        expires_at=side.now + timedelta(days=1), **bounds,
    )  # fmt: skip
    Factor.objects.create(
        **side.row, user=user, kind="app", name=name, sealed="x", created_at=side.now, **bounds
    )  # fmt: skip
    IdentityProvider.objects.create(
        **side.row, level=side.level, domain=f"sso-{side.mark.lower()}.invalid", issuer="https://sso.invalid",
        client_id=name, sealed="x", authorization_endpoint="https://sso.invalid/a",
        token_endpoint="https://sso.invalid/t",  # noqa: S106 -- an address
        jwks_uri="https://sso.invalid/k", created_at=side.now, **side.home,
    )  # fmt: skip
    SavedView.objects.create(**side.row, logical_id=side.id.uuid, user=user, name=name, query={})
    if side.mark == MARK:
        _session(user, side.now, side)


def _session(user: User, now: datetime, side: Side) -> str:
    """A session as the sign-in page makes it, proved by a second factor; its key is random, and never committed."""
    store, moment = import_module(settings.SESSION_ENGINE).SessionStore(), now.timestamp()
    store.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0]})
    store.update({HASH_SESSION_KEY: user.get_session_auth_hash(), "epoch": user.epoch, "factor": True})
    # Seen in an hour from now: a session that is noted as seen sends its cookie anew, in one answer of many.
    store.update({"began": moment, "seen": moment + 3600, "confirmed": moment})
    store.save(must_create=True)
    Browser.objects.create(
        **side.row, user=user, partner_id=user.partner_id, customer_id=user.customer_id, epoch=user.epoch,
        session_key=stored_key(str(store.session_key)), agent=f"{side.mark} browser", address="192.0.2.1", began_at=now,
    )  # fmt: skip
    return str(store.session_key)


def _edge(side: Side) -> None:
    """With a bundle that it sent: the row goes with the self-test, and a file without a row is swept away."""
    pk, now, text = side.id.number, side.now, f"{side.mark} row"
    ids: dict[str, Any] = {"pk": pk, "logical_id": side.id.uuid}
    Edge.objects.create(**ids, customer_id=pk, partner_id=side.partner_id, name=text, name_key=text, created_at=now)
    bundle = DiagnosticBundle.objects.create(
        **ids, edge_id=pk, customer_id=pk, partner_id=side.partner_id, kind="plain", state="complete",
        actor_name=text, requested_at=now, ended_at=now,
    )  # fmt: skip
    write(settings.HOME, bundle.logical_id, 0, f"{side.mark} bundle".encode())


def _work(side: Side) -> None:
    """A selection, a file, a finished job with a refused row, an event and a mail."""
    pk, now, text = side.id.number, side.now, f"{side.mark} row"
    ids: dict[str, Any] = {"pk": pk, "logical_id": side.id.uuid}
    later = now + timedelta(days=1)
    said: dict[str, Any] = {"customer_id": pk, "partner_id": side.partner_id, "local_id": 1, "name": text}
    ConfigurationObject.objects.create(
        **said, kind="segment", name_key=text, body={"description": text}, version=2, updated_at=now
    )
    ConfigurationVersion.objects.create(**said, version=1, body={"description": text}, at=now, actor_name=text)
    ticket = Selection.objects.create(**ids, user_id=pk, created_at=now, expires_at=later, count=1)
    SelectionChunk.objects.create(**side.row, selection=ticket, number=0, customer_ids=[pk])
    content = f"Customer,Account Number\n{side.mark} file,{side.mark}-1\n".encode()
    Upload.objects.create(
        **ids, user_id=pk, name=f"{side.mark}.csv", content=content, digest=hashlib.sha256(content).hexdigest(),
        created_at=now, expires_at=later,
    )  # fmt: skip
    about = {"partner_id": side.partner_id, "customer_id": side.home.get("customer_id")}
    job = Job.objects.create(
        **ids, action=ACTION, title=text, user_id=pk, actor_name=f"{side.mark}@self-test.invalid", door="web",
        selection=ticket, params={"enabled": "false"}, state="done", total=1, refused=1, created_at=now,
        started_at=now, finished_at=now, **about,
    )  # fmt: skip
    JobRefusal.objects.create(
        **side.row, job=job, customer_id=pk, customer_name=f"{side.mark} customer", code="x", reason=text
    )
    Event.objects.create(
        **side.row, at=now, name="UPDATE_ENTERPRISE", actor_id=pk, actor_name=text, door="web", job_id=pk,
        partner_id=side.partner_id, customer_id=pk, subject=text, before={"city": text}, after={"city": text},
    )  # fmt: skip
    OutboxMessage.objects.create(
        **side.row, key=text, kind="mail", payload={"to": [text], "subject": text, "body": text}, created_at=now,
        due_at=later,
    )  # fmt: skip


def _offer(side: Side) -> None:
    which = Id(side.id.number + OFFERED)
    customer(side, which, partner_id=None, partner_access=False)
    TransferOffer.objects.create(
        **side.row, customer_id=which.number, partner_id=side.partner_id, partner_access=True, missing_pool="keep",
        add_profiles=False, from_partner=False, offered_by=f"{side.mark} operator", created_at=side.now,
        deadline=side.now + timedelta(days=1),
    )  # fmt: skip
