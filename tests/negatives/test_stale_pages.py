"""Two people with the same page open: whoever saves second is told, and nothing is silently overwritten (R-05)."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from bailiwick.access import roles
from bailiwick.engine import partners
from bailiwick.models import (
    Customer,
    CustomerDetail,
    Edge,
    Event,
    IdentityProvider,
    OperatorProfile,
    Partner,
    Role,
    SystemProperty,
    User,
)
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.web.sso.test_settings import form as provider_form
from tests.web.test_closed_to_strangers import path_of, routes
from tests.world import NOW, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.oidc import Provider

HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)"(?: value="([^"]*)")?')

# Every page on which stored values are edited; what each says is `edit` below.
EDITED = {"customers/<int:customer_id>/settings", "partners/<int:partner_id>", "our-settings", "roles/<int:role_id>",
          "single-sign-on/<int:provider_id>", "properties/<str:name>", "account",
          "api/v1/customers/<int:customer_id>", "api/v1/partners/<int:partner_id>",
          "api/v1/system-properties/<name>", "api/v1/roles/<int:role_id>",
          "api/v1/identity-providers/<int:provider_id>", "operator-profiles/<int:profile_id>",
          "api/v1/operator-profiles/<int:profile_id>",
          "customers/<int:customer_id>/edges/<int:edge_id>/facts", "api/v1/edges/<int:edge_id>",
          "gateways/<int:gateway_id>/edit", "api/v1/gateways/<int:gateway_id>",
          "gateway-pools/<int:pool_id>", "api/v1/gateway-pools/<int:pool_id>"}  # fmt: skip
# These answer whatever the method is, and read.
READING = {"", "healthz", "readyz", "api/v1", "api/v1/", "api/v1/openapi.json"}
# The other addresses that take what is written: each does one thing, whatever stands there, or makes something new.
COMMANDS = re.compile(
    r"sign-in|sign-out|link/|forgot-password|factor|account/(?!$)|users/|roles/new|(roles|profiles)/.*/delete|software-images|rollouts|self-test|/new$|"
    r"/remove$|compulsory|actions/|jobs/|customers/(selection-file|filter|columns|width|page-size|views|import)|"
    r"partners/(delete|columns|width|add-profiles|selection)|offers|exports|confirm-(address|contact)|"
    r"edges/<int:edge_id>/(key|reactivate|alerts|configuration|licence|software|deactivate|delete|activation-key|reactivation|diagnostic)|"
    r"gateways/<int:gateway_id>/(key|deactivate|delete|quiesce|resume|activation-key)|gateway-pools/<int:pool_id>/delete|"
    r"api/v1/(gateways|gateway-pools)$|"
    r"api/v1/(customers|partners|selections|imports|users|tokens|self-tests|(roles|identity-providers|operator-profiles|licence-types)$)"
)


def test_r05_every_address_that_writes_is_an_edited_page_or_a_command(world: World):
    SystemProperty.objects.create(name=roles.SWITCH, value=True)
    browser, script = signed_in(world.olga, raise_request_exception=False), Script(world.olga)
    writing = set()
    for route in routes():
        for method in ("POST", "PUT", "PATCH"):
            ask = script.client.generic if route.startswith("api/") else browser.generic
            if "sign-out" not in route and ask(method, path_of(route)).status_code not in (405, 404):
                writing.add(route)
    assert {route for route in writing if route not in EDITED | READING and not COMMANDS.search(route)} == set()
    assert EDITED - set(routes()) == set()


def hidden(browser: Client, path: str, *, among: str = "") -> dict[str, str]:
    """What the page carries to say which state it shows: of the form that holds `among`."""
    page = browser.get(path).content.decode()
    forms = [part for part in page.split("<form")[1:] if among in part]
    return {name: unescape(value) for name, value in HIDDEN.findall(forms[0].partition("</form>")[0])}


def edit(world: World, oidc: Provider, case: str) -> tuple[str, str, dict[str, Any], str, Callable[[], Any]]:
    """The page, what marks its form, what both post, which field they fight for, and what stands there."""
    contoso, acme = world.contoso, world.acme
    if case == "customer":
        values = {
            "section": "contact",
            "contact_name": "",
            "contact_email": "",
            "contact_phone": "",
            "contact_mobile": "",
        }
        return (f"/customers/{contoso.pk}/settings", 'value="contact"', values, "contact_name",
                lambda: CustomerDetail.objects.get(pk=contoso.pk).contact_name)  # fmt: skip
    if case == "partner":
        values = {name: "" if value is None else value for name, value in partners.settings_of(acme).items()}
        return f"/partners/{acme.pk}", 'name="base"', values, "city", lambda: Partner.objects.get(pk=acme.pk).city
    if case == "role":
        SystemProperty.objects.create(name=roles.SWITCH, value=True)
        held = roles.ROLES["operator"]["support"]
        row = roles.create(world.actor(world.olga), roles.Draft("Ours", "support", held), now=NOW)
        values = {"base": "support", "permissions": sorted(each.value for each in held - roles.FIXED)}
        return f"/roles/{row.pk}", 'name="version"', values, "name", lambda: Role.objects.get(pk=row.pk).name
    if case == "edge":
        row = world.edges(contoso)[0]
        return (f"/customers/{contoso.pk}/edges/{row.pk}/facts", 'name="version"', {"name": row.name}, "city",
                lambda: Edge.objects.get(pk=row.pk).city)  # fmt: skip
    if case == "profile":
        values = {"kind": "SEGMENT_BASED", "heartbeat_seconds": "30", "image": str(world.profile.image_id)}
        return (f"/operator-profiles/{world.profile.pk}", 'name="version"', values, "name",
                lambda: OperatorProfile.objects.get(pk=world.profile.pk).name)  # fmt: skip
    signed_in(world.olga).post("/single-sign-on/new", provider_form(oidc, domain="operator.example"))
    row = IdentityProvider.objects.get()
    values = {key: value for key, value in provider_form(oidc, client_secret="").items() if key != "client_id"}
    return (f"/single-sign-on/{row.pk}", 'name="version"', values, "client_id",
            lambda: IdentityProvider.objects.get(pk=row.pk).client_id)  # fmt: skip


@pytest.mark.parametrize("case", ["customer", "partner", "role", "provider", "profile", "edge"])
def test_r05_the_second_of_two_pages_is_told_what_changed_and_by_whom(
    world: World, oidc: Provider, settings, case: str
):
    settings.SSO_PRIVATE = True
    path, mark, values, field, stored = edit(world, oidc, case)
    second_superuser = world.user("otto@operator.example", "operator", "superuser")
    first, second = signed_in(second_superuser), signed_in(world.olga)
    shown = [hidden(browser, path, among=mark) for browser in (first, second)]
    assert shown[0]["version"] == shown[1]["version"] == "1"
    assert first.post(path, {**values, **shown[0], field: "First"}).status_code in (200, 302)
    assert stored() == "First"
    events = Event.objects.count()
    refused = second.post(path, {**values, **shown[1], field: "Second"})
    assert (refused.status_code, stored()) == (409, "First")
    assert Event.objects.count() == events
    page = refused.content.decode()
    assert "otto@operator.example" in page
    again = hidden(second, path, among=mark)
    assert second.post(path, {**values, **again, field: "Second"}).status_code in (200, 302)
    assert stored() == "Second"


def test_r05_a_property_is_not_overwritten_by_a_stale_page(world: World):
    name, browser = "vco.alert.mail.to", signed_in(world.olga)
    path = f"/properties/{name}"
    assert browser.post(path, {"value": "a@example.com", "version": "0"}).status_code == 302
    stale = browser.post(path, {"value": "b@example.com", "version": "0"})
    assert (stale.status_code, SystemProperty.objects.get().value) == (409, "a@example.com")
    assert "a@example.com" in stale.content.decode()


def test_r05_ones_own_facts_are_not_lost_between_two_windows(world: World):
    one, other = signed_in(world.sam), signed_in(world.sam)
    shown = [hidden(browser, "/account", among="initial-phone") for browser in (one, other)]
    values = {"first_name": "", "last_name": "", "phone": "", "mobile": "", "timezone": "UTC"}
    assert one.post("/account", {**shown[0], **values, "first_name": "Sam", "phone": "1"}).status_code == 302
    refused = other.post("/account", {**shown[1], **values, "phone": "2"})
    assert (refused.status_code, facts(world.sam)) == (409, ("Sam", "1"))
    assert "It is now: 1" in refused.content.decode()
    assert other.post("/account", {**shown[1], **values, "last_name": "Lee"}).status_code == 302
    assert facts(world.sam) == ("Sam", "1")
    assert User.objects.get(pk=world.sam.pk).last_name == "Lee"
    fresh = hidden(other, "/account", among="initial-phone")
    last = {**values, "last_name": "Lee", "first_name": "", "phone": "2"}
    assert other.post("/account", {**fresh, **last}).status_code == 302
    assert facts(world.sam) == ("", "2")


def facts(user: User) -> tuple[str, str]:
    found = User.objects.get(pk=user.pk)
    return found.first_name, found.phone


@pytest.mark.parametrize(("path", "method", "body"), [
    ("/customers/{customer}", "PATCH", {"city": "Bern"}), ("/partners/{partner}", "PATCH", {"city": "Bern"}),
    ("/system-properties/vco.alert.mail.to", "PUT", {"value": "x@example.com"}),
])  # fmt: skip
def test_r05_a_script_with_a_stale_etag_writes_nothing(world: World, path: str, method: str, body: dict[str, Any]):
    olga = Script(world.olga)
    path = path.format(customer=world.contoso.pk, partner=world.acme.pk)
    etag = olga.get(path)["ETag"]
    other = {key: f"other-{value}" for key, value in body.items()}
    assert olga.ask(method, path, other, If_Match=etag).status_code == 200
    before = olga.get(path).json()
    assert olga.ask(method, path, body, If_Match=etag).status_code == 412
    assert olga.get(path).json() == before


def test_r05_a_script_with_a_stale_etag_leaves_roles_and_providers_alone(world: World, oidc: Provider, settings):
    settings.SSO_PRIVATE = True
    olga = Script(world.olga)
    for case, kind, field in (("role", "roles", "name"), ("provider", "identity-providers", "client_id")):
        page, _mark, _values, _field, stored = edit(world, oidc, case)
        path = f"/{kind}/{page.rpartition('/')[2]}"
        etag = olga.get(path)["ETag"]
        assert olga.ask("PATCH", path, {field: "First"}, If_Match=etag).status_code == 200
        assert olga.ask("PATCH", path, {field: "Second"}, If_Match=etag).status_code == 412
        assert stored() == "First"


def test_r05_a_bulk_action_on_an_old_list_leaves_alone_what_somebody_else_did(world: World):
    """The rows of a ticket were seen an hour ago; what another changed meanwhile is refused or was so already."""
    olga, rows = Script(world.olga), world.customers(3)
    ids = {"select": {"ids": [row.pk for row in rows]}, "params": {"enabled": False}}
    ticket = olga.post("/actions/update-customer-alerts/preview", ids).json()["ticket"]
    Customer.objects.filter(pk=rows[0].pk).update(alerts_enabled=False, version=7)
    Customer.objects.filter(pk=rows[1].pk).update(deleted_at=NOW)
    job = olga.post(
        "/actions/update-customer-alerts", {"select": {"ticket": ticket}, "params": {"enabled": False}}
    ).json()
    assert [job["counts"][name] for name in ("changed", "already", "refused")] == [1, 1, 1]
    assert Customer.objects.get(pk=rows[0].pk).version == 7
    assert Customer.objects.get(pk=rows[1].pk).alerts_enabled
