"""The second wall (R-30): row-level security alone shows nobody a foreign row, whatever a query forgets to filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from bailiwick import outbox
from bailiwick.access import browsers, devices, links, scope, tokens
from bailiwick.access.actor import Actor
from bailiwick.access.postgresql.base import OUTSIDE, Place
from bailiwick.access.wall import UPKEEP, Beyond, behind, beyond, place_of, standing
from bailiwick.actions import MENU
from bailiwick.engine.configuration.keep import Draft, update
from bailiwick.engine.exports.dialect import Dialect
from bailiwick.engine.exports.export import stream
from bailiwick.engine.exports.table import Column, Table
from bailiwick.engine.submit import submit
from bailiwick.models import (
    ActivationKey,
    Confirmation,
    Customer,
    CustomerLicence,
    CustomerProfile,
    DeviceCertificate,
    DeviceContact,
    DiagnosticBundle,
    Event,
    Factor,
    FormerPassword,
    Gateway,
    GatewayCertificate,
    GatewayKey,
    GatewayPool,
    Identity,
    IdentityProvider,
    Job,
    LicenceType,
    PartnerLicence,
    RecoveryCode,
    Role,
    RolloutEdge,
    SavedView,
    Selection,
    Session,
    Token,
    TransferOffer,
    Upload,
    User,
)
from tests.configured import add
from tests.web.conftest import signed_in
from tests.world import NOW, PASSWORD, World

# Not of any home: switches, what the operator has in stock, and how often somebody guessed.
OF_NOBODY = {
    "bailiwick_attempt",
    "bailiwick_gateway_pools",
    "bailiwick_licencetype",
    "bailiwick_namesversion",
    "bailiwick_operatorprofile",
    "bailiwick_softwareimage",
    "bailiwick_systemproperty",
}
LEVELS = ("operator", "partner", "customer")
RUNTIME = ("web", "worker", "arrival", "sealer", *LEVELS, *(f"export_{level}" for level in LEVELS), "app", "export")
# Columns that say whose a row is; the customer and the partner themselves are their own.
HOMES = {"bailiwick_customer": ("partner_id", "id"), "bailiwick_partner": ("id", None)}
HOMES |= dict.fromkeys(
    ("bailiwick_jobinput", "bailiwick_jobchunk", "bailiwick_jobrefusal", "bailiwick_outboxmessage"),
    ("home_partner_id", "home_customer_id"),
)


def tenant_tables() -> list[str]:
    return sorted({model._meta.db_table for model in models()} - OF_NOBODY)


def models() -> list[type[Model]]:
    return [model for model in apps.get_app_config("bailiwick").get_models() if model._meta.managed]


def rows_of(statement: str, *values: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def all_of(table: str) -> list[dict[str, Any]]:
    return rows_of(f"SELECT * FROM {table}")


def is_mine(table: str, row: dict[str, Any], place: Place) -> bool:
    """By the row's own columns: of the partner or customer, of the user, or the operator's stock."""
    partner, customer = HOMES.get(table, ("partner_id", "customer_id"))
    if table in ("bailiwick_gateway", "bailiwick_gatewaypool"):
        return row["partner_id"] in (None, place.partner_id)
    if "user_id" in row and partner not in row:
        return row["user_id"] == place.user_id
    if place.role == "bailiwick_partner":
        return row.get(partner) == place.partner_id
    if table == "bailiwick_partner":
        return row["id"] == place.partner_id
    return customer is not None and row.get(customer) == place.customer_id


@pytest.fixture
def full(world: World) -> World:
    """Every tenant table has rows of Acme, of Contoso, of Zenith and of Zenith's customer."""
    world.fabrikam = world.customer("Fabrikam", partner=world.zenith)
    world.direct = world.customer("Direct")
    world.fred = world.user(
        "fred@fabrikam.example", "customer", "customer-superuser", customer=world.fabrikam, partner=world.zenith
    )
    for user in (world.pia, world.stranger, world.carla, world.fred, world.olga):
        furnish(world, user)
    sold = LicenceType.objects.create(
        name="E", name_key="e", edition="ENTERPRISE", bandwidth_mbps=1, region="EMEA", term_months=1
    )
    for partner, offered in ((world.acme, world.direct), (world.zenith, world.contoso)):
        PartnerLicence.objects.create(partner=partner, licence_type=sold)
        GatewayPool.objects.create(name=f"of {partner}", name_key=f"of {partner.pk}", partner=partner)
        gateway = Gateway.objects.create(name=f"of {partner}", name_key=f"of {partner.pk}", partner=partner)
        of = {"gateway": gateway, "partner_id": partner.pk}
        GatewayKey.objects.create(key_hash=f"{partner.pk}", created_at=NOW, expires_at=NOW, **of)
        GatewayCertificate.objects.create(fingerprint=f"{partner.pk}", issued_at=NOW, not_after=NOW, **of)
        TransferOffer.objects.create(
            customer=offered, partner=partner, partner_access=True, missing_pool="refuse", add_profiles=False,
            from_partner=True, offered_by="olga", created_at=NOW, deadline=NOW + timedelta(days=7),
        )  # fmt: skip
    rollout = world.rollout()
    for customer in (world.contoso, world.fabrikam, world.direct):
        for edge in world.edges(customer, 2):
            of = {"edge": edge, "customer_id": customer.pk, "partner_id": customer.partner_id}
            ActivationKey.objects.create(key_hash=f"{edge.pk}", created_at=NOW, expires_at=NOW, **of)
            DeviceCertificate.objects.create(fingerprint=f"{edge.pk}", issued_at=NOW, not_after=NOW, **of)
            DeviceContact.objects.create(at=NOW, seconds=30, **of)
            RolloutEdge.objects.create(rollout=rollout, wave=1, **of)
            DiagnosticBundle.objects.create(kind="plain", actor_name="olga", requested_at=NOW, **of)
        CustomerProfile.objects.create(
            customer=customer, partner_id=customer.partner_id, operator_profile=world.profile
        )
        CustomerLicence.objects.create(customer=customer, partner_id=customer.partner_id, licence_type=sold)
        configure(world.actor(world.olga), customer)
    return world


def configure(actor: Actor, customer: Customer) -> None:
    """Two objects, of which one names the other and has been changed."""
    segment = add(actor, customer, "segment", name="Cards")
    profile = add(actor, customer, "profile", name="Branch")
    settings = {"segments": [{"segment": segment}]}
    made = add(actor, customer, "device-settings", settings, parent_id=profile)
    update(actor, customer.pk, made, Draft("Settings", settings, profile), version=1, now=NOW)


def furnish(world: World, user: User) -> None:
    """What a user has and does, in his own name."""
    home = {"partner_id": user.partner_id, "customer_id": user.customer_id}
    dated = {"user": user, "created_at": NOW, **home}
    actor = world.actor(user)
    tokens.create(world.actor(user), user, name="script", now=NOW)
    links.issue(user, links.RESET, NOW)
    browsers.began(user, f"key of {user.pk}", agent="x", address="127.0.0.1", now=NOW)
    devices.remember(user, "", NOW)
    FormerPassword.objects.create(user=user, password="x", replaced_at=NOW, **home)
    Factor.objects.create(kind="app", name="x", sealed="x", **dated)
    RecoveryCode.objects.create(code_hash=f"{user.pk}", **dated)
    provider = IdentityProvider.objects.create(
        level=user.level, domain=user.email.partition("@")[2], issuer="x", client_id="x", sealed="x", created_at=NOW,
        authorization_endpoint="x", token_endpoint="x", jwks_uri="x", **home,
    )  # fmt: skip
    Identity.objects.create(provider=provider, subject=f"{user.pk}", **dated)
    if user.customer_id:
        Confirmation.objects.create(
            customer_id=user.customer_id, partner_id=user.partner_id, email="x", secret_hash=f"{user.pk}",
            created_at=NOW, expires_at=NOW,
        )  # fmt: skip
    Role.objects.create(level=user.level, name="own", name_key="own", base="x", created_at=NOW, **home)
    SavedView.objects.create(user=user, name="mine", query={})
    Session.objects.create(session_key=f"key of {user.pk}", session_data="x", expire_date=NOW, user_id=user.pk)
    Upload.objects.create(user_id=user.pk, name="x", content=b"", digest="x", created_at=NOW, expires_at=NOW)
    work(world, actor)


def work(world: World, actor: Actor) -> None:
    """A job with chunks, inputs, refusals, a ticket, events and a mail, as the engine writes them."""
    with behind(actor):
        selection = Selection.objects.create(user_id=actor.user_id, created_at=NOW, expires_at=NOW)
        job = Job.objects.create(
            action="x", title="x", user_id=actor.user_id, actor_name=actor.name, partner_id=actor.partner_id,
            customer_id=actor.customer_id, door="web", selection=selection, created_at=NOW,
        )  # fmt: skip
        selection.chunks.create(number=0, customer_ids=[])
        job.inputs.create(number=0, rows=[])
        job.chunks.create(number=0, changed=0, refused=0, finished_at=NOW)
        job.refusals.create(customer_id=world.contoso.pk, customer_name="Contoso", code="x", reason="x")
        outbox.enqueue("mail", {}, key=f"job:{job.pk}:1", now=NOW)
        Event.objects.create(
            at=NOW, name="X", actor_name=actor.name, door="web", partner_id=actor.partner_id,
            customer_id=actor.customer_id,
        )  # fmt: skip


def people(world: World) -> list[User]:
    return [world.pia, world.stranger, world.carla, world.fred]


def leaks(world: World) -> Iterator[str]:
    """Every foreign row that a statement without any filter brings back, for each home that is not the operator's."""
    for user in people(world):
        place = place_of(world.actor(user))
        with standing(place):
            for table in tenant_tables():
                yield from (
                    f"{user.email} sees {table} {row}" for row in all_of(table) if not is_mine(table, row, place)
                )


def test_every_tenant_table_is_walled(db):
    found = rows_of(
        "SELECT relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p') AND relname LIKE 'bailiwick\\_%%'"
    )
    assert {row["relname"] for row in found if not row["relrowsecurity"]} == OF_NOBODY
    assert {row["relname"] for row in found if row["relrowsecurity"]} == set(tenant_tables())


def test_policies_look_at_nothing_but_the_row(db):
    """A sub-query that reads a table is 270 times slower (reliability, row 13), and could be led astray."""
    for row in rows_of("SELECT tablename, policyname, qual FROM pg_policies WHERE schemaname = 'public'"):
        assert " FROM " not in row["qual"].upper(), row


def test_operators_plans_stay_as_they_were(full):
    """Their policy is plainly true: PostgreSQL drops it, and a substring is still looked up in its index."""
    statement = "EXPLAIN SELECT customer_id FROM bailiwick_customersearch WHERE text LIKE '%%contoso%%'"
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with behind(full.actor(full.olga)):
        assert "customer_search_text" in str(rows_of(statement))
        assert "Filter" not in str(rows_of("EXPLAIN SELECT * FROM bailiwick_edge"))


def test_no_role_that_serves_owns_a_table_or_may_pass_the_wall(db):
    found = {row["rolname"]: row for row in rows_of("SELECT * FROM pg_roles WHERE rolname LIKE 'bailiwick\\_%%'")}
    assert {f"bailiwick_{name}" for name in RUNTIME} <= found.keys()
    for name in RUNTIME:
        role = found[f"bailiwick_{name}"]
        powers = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication")
        assert not any(role[power] for power in powers), role
    owners = {row["tableowner"] for row in rows_of("SELECT * FROM pg_tables WHERE schemaname = 'public'")}
    assert not owners & found.keys()


def test_no_role_inherits_what_another_sees(db):
    """A policy holds for members too: nobody may be a member of a level without stepping into it."""
    pairs = rows_of(
        "SELECT u.rolname AS who, r.rolname AS what FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "JOIN pg_roles u ON u.oid = m.member WHERE u.rolname LIKE 'bailiwick\\_%%'"
    )
    assert {row["what"] for row in pairs} == {"bailiwick_app", "bailiwick_export"}


@pytest.mark.parametrize("role", ["bailiwick_app", "bailiwick_web", "bailiwick_export"])
def test_nothing_set_means_nothing_seen(full, role):
    with standing(Place(role)):
        assert {table: all_of(table) for table in tenant_tables()} == {table: [] for table in tenant_tables()}


@pytest.mark.parametrize("level", ["partner", "customer", "export_partner", "export_customer"])
def test_a_level_without_a_home_sees_no_row_of_anybody(full, level):
    with standing(Place(f"bailiwick_{level}")):
        seen = {table: all_of(table) for table in tenant_tables()}
    assert [row["partner_id"] for row in seen.pop("bailiwick_gatewaypool")] == [None]
    assert not any(seen.values())


def test_r30_without_any_filter_there_is_no_foreign_row(full):
    assert list(leaks(full)) == []


def test_each_home_has_rows_in_every_table_that_it_may_see(full):
    """The test above would pass on an empty database: this says that it looked at something."""
    for user in (full.pia, full.stranger, full.carla, full.fred):
        with behind(full.actor(user)):
            empty = {table for table in tenant_tables() if not all_of(table)}
        theirs = {f"bailiwick_{name}" for name in ("partnerlicence", "partnerpool", "partnerprofile", "transferoffer")}
        theirs |= {"bailiwick_gatewaykey", "bailiwick_gatewaycertificate"}
        assert empty == {f"bailiwick_{table}" for table in ("selftest", "seal", "rollout")} | (
            theirs if user.level == "customer" else set()
        )
    every = {table: len(all_of(table)) for table in tenant_tables()}
    with behind(full.actor(full.olga)):
        assert {table: len(all_of(table)) for table in tenant_tables()} == every


@pytest.mark.parametrize("plant", ["DROP POLICY", "DISABLE", "WIDER"])
def test_a_planted_leak_is_found(full, plant):
    statements = {
        "DROP POLICY": "ALTER POLICY of_partner ON bailiwick_token USING (true)",
        "DISABLE": "ALTER TABLE bailiwick_upload DISABLE ROW LEVEL SECURITY",
        "WIDER": "CREATE POLICY careless ON bailiwick_edge TO bailiwick_customer USING (name <> '')",
    }
    with connection.cursor() as cursor:
        cursor.execute(statements[plant])
    table = statements[plant].partition("bailiwick_")[2].split()[0]
    found = list(leaks(full))
    assert found
    assert all(f"bailiwick_{table} " in leak for leak in found)


SCOPES: tuple[Callable[[Actor], Any], ...] = (
    scope.customers_for,
    scope.deleted_customers_for,
    scope.partners_for,
    scope.edges_for,
    scope.gateway_pools_for,
    scope.jobs_for,
    scope.selections_for,
    scope.uploads_for,
    scope.events_for,
    scope.users_for,
    scope.roles_for,
    scope.tokens_for,
    scope.providers_for,
)


def test_the_wall_takes_nothing_from_the_scope(full):
    """What the application's filter lets through, the wall lets through: both walls stand in the same place."""
    for actor in (full.actor(user) for user in (*people(full), full.olga)):
        for rows in SCOPES:
            plain = sorted(rows(actor).values_list("pk", flat=True))
            with behind(actor):
                assert sorted(rows(actor).values_list("pk", flat=True)) == plain, rows.__name__


@pytest.mark.parametrize("verb", ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}"])
def test_nobody_changes_or_removes_a_foreign_row(full, verb):
    keys = {model._meta.db_table: model._meta.pk_fields[0].column for model in models()}
    for user in people(full):
        place = place_of(full.actor(user))
        for table in tenant_tables():
            versions = f"SELECT {keys[table]}, ctid, * FROM {table}"
            before = [row for row in rows_of(versions) if not is_mine(table, row, place)]
            with transaction.atomic():
                with suppress(Error), standing(place), transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(verb.format(table=table, key=keys[table]))
                assert [row for row in rows_of(versions) if not is_mine(table, row, place)] == before
                transaction.set_rollback(True)


def test_a_customer_reads_its_own_partner_and_cannot_change_it(full):
    with behind(full.actor(full.carla)):
        assert [row["name"] for row in all_of("bailiwick_partner")] == ["Acme Partners"]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE bailiwick_partner SET name = 'Mine'")
            assert cursor.rowcount == 0
            cursor.execute("DELETE FROM bailiwick_partner")
            assert cursor.rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bailiwick_customer SET partner_id = {zenith}",
        "UPDATE bailiwick_edge SET partner_id = {zenith}",
        (
            "INSERT INTO bailiwick_event (at, name, category, severity, actor_name, door, address, subject, partner_id)"
            " VALUES (now(), 'X', 'USER', 'INFO', 'x', 'web', '', '', {zenith})"
        ),
        (
            "INSERT INTO bailiwick_savedview (logical_id, user_id, name, query)"
            " VALUES (gen_random_uuid(), {stranger}, 'planted', '{{}}')"
        ),
        (
            "INSERT INTO bailiwick_gatewaypool (logical_id, name, name_key, is_default, partner_id)"
            " VALUES (gen_random_uuid(), 'planted', 'planted', false, {zenith})"
        ),
    ],
)
def test_a_partner_can_neither_write_nor_give_away_a_row(full, statement):
    named = statement.format(zenith=full.zenith.pk, stranger=full.stranger.pk)
    with behind(full.actor(full.pia)), pytest.raises(Error, match="row-level security"), transaction.atomic():
        rows_of(named)


def test_who_reads_a_file_can_write_nothing(full):
    for level in LEVELS:
        with standing(Place(f"bailiwick_export_{level}", full.acme.pk, full.contoso.pk)):
            assert all_of("bailiwick_customer")
            for table in tenant_tables():
                with pytest.raises(Error, match="permission denied"), transaction.atomic():
                    rows_of(f"DELETE FROM {table} RETURNING 1")


def test_who_comes_in_is_found_and_no_network_is(full):
    with beyond(Beyond.ARRIVING):
        assert User.objects.filter(email_key=full.fred.email).exists()
        shown = {table for table in tenant_tables() if all_of(table)}
        assert not shown & {f"bailiwick_{name}" for name in ("edge", "job", "selection", "customersearch", "upload")}
        assert Customer.objects.update(name="x") == 0


def test_a_place_ends_with_its_block_also_after_an_error(full):
    for failing in (lambda: 1 / 0, lambda: rows_of("SELECT 1/0")):
        with pytest.raises((ZeroDivisionError, Error)), transaction.atomic(), behind(full.actor(full.pia)):
            failing()
        assert Customer.objects.count() == 3
        assert rows_of("SELECT current_setting('bailiwick.partner', true) AS p")[0]["p"] in ("", None)


def test_a_savepoint_that_is_taken_back_does_not_bring_an_old_place_with_it(full):
    with behind(full.actor(full.pia)):
        with pytest.raises(Error), transaction.atomic(), behind(full.actor(full.stranger)):
            rows_of("SELECT 1/0")
        assert [row["name"] for row in all_of("bailiwick_customer")] == ["Contoso"]


def test_a_stranger_sees_no_row_whatever_the_process_may(full, monkeypatch):
    """Also where the web server connects as the owner of the tables."""
    seen = []
    monkeypatch.setattr("bailiwick.web.health._plain", lambda *_a, **_n: seen.extend(rows_of(
        "SELECT current_user AS u, count(*) AS n FROM bailiwick_customer"
    )) or HttpResponse())  # fmt: skip
    Client().get("/healthz")
    assert seen == [{"u": "bailiwick_web", "n": 0}]


def test_a_request_leaves_nothing_behind_on_its_connection(full):
    browser = signed_in(full.pia)
    assert browser.get("/customers").status_code == 200
    assert connection.place == OUTSIDE
    assert Customer.objects.count() == 3


@pytest.mark.parametrize("path", ["/customers", "/customers/0", "/nowhere", "/api/v1/customers", "/api/v1/nowhere"])
def test_a_kept_connection_starts_each_request_outside(full, path):
    """As gunicorn's thread has it: whoever came last, a stranger's request sees nothing of him."""
    signed_in(full.pia).get(path)
    assert connection.is_usable()
    (said,) = rows_of("SELECT current_user AS u, session_user AS s, current_setting('bailiwick.partner') AS p")
    assert (said["u"], said["p"]) == (said["s"], "")


def test_who_signs_in_anew_is_found_though_somebody_of_another_home_is_signed_in(full):
    full.stranger.set_password(PASSWORD)
    full.stranger.save()
    browser = signed_in(full.pia)
    answer = browser.post("/sign-in", {"email": full.stranger.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/factor")


def test_what_is_made_while_it_is_read_is_made_where_its_request_stood(full):
    """The web server reads the answer when the request is over and its connection stands outside again."""
    answer = signed_in(full.pia).get("/events.csv")
    with standing(Place("bailiwick_web")):
        lines = b"".join(answer).decode()
    assert "pia@acme.example" in lines
    assert "zenith" not in lines
    answer.close()
    assert connection.place == OUTSIDE


def test_a_page_that_fails_leaves_nothing_behind(full, monkeypatch):
    monkeypatch.setattr("bailiwick.web.customers.page.render", lambda *_args, **_named: 1 / 0)
    browser = signed_in(full.pia)
    browser.raise_request_exception = False
    assert browser.get("/customers").status_code == 500
    assert connection.place == OUTSIDE
    assert Customer.objects.count() == 3


def test_a_jobs_rows_are_read_as_its_user_sees_them(full):
    """The worker sees every job; what it does for one it does behind that user's wall."""
    actor, seen = full.actor(full.pia), []
    action = MENU.entry("update-customer-alerts")

    class Curious(type(action)):
        def apply(self, batch):
            seen.append({row["name"] for row in all_of("bailiwick_customer")})
            super().apply(batch)

    with standing(UPKEEP):
        raw = {"enabled": False}
        job = submit(actor, Curious(), select={"ids": [full.contoso.pk]}, raw=raw, now=NOW)
    assert seen == [{"Contoso"}]
    assert (job.state, job.changed) == ("done", 1)


def test_a_token_sees_its_users_rows_and_no_others(full):
    secret = tokens.create(full.actor(full.pia), full.pia, name="t", now=NOW)
    answer = Client().get("/api/v1/customers", headers={"Authorization": f"Token {secret}"})
    assert [row["name"] for row in answer.json()["data"]] in (["Contoso"], [])
    assert Token.objects.count() > 4


@pytest.mark.django_db(transaction=True)
def test_a_file_is_read_behind_the_wall_though_on_a_connection_of_its_own():
    world = World()
    world.customer("Fabrikam", partner=world.zenith)
    table = Table(Customer.objects.order_by("name"), [Column("Customer", "name")])
    for user, names in ((world.pia, ["Contoso"]), (world.olga, ["Contoso", "Fabrikam"])):
        data = b"".join(stream(table, Dialect(), place=place_of(world.actor(user)))).decode()
        assert data.split() == [f'"{name}"' for name in ("Customer", *names)]


def test_the_page_for_a_server_of_ones_own_names_every_role(db):
    """A user that may not make roles is sent there by the migration."""
    page = Path("deploy/postgres.md").read_text()
    assert {f"bailiwick_{name}" for name in RUNTIME} == set(re.findall(r"CREATE ROLE (\w+) NOLOGIN", page))
