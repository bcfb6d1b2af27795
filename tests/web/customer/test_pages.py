"""A customer's overview and history: strangers first."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.access.factor import app, enrolment
from bailiwick.actions import MENU
from bailiwick.engine.submit import submit
from bailiwick.models import Customer, CustomerDetail, Event, Job
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW

CARRIED = ("select", "params", "key")
PAGES = ["", "/settings", "/events"]


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def change(world, customer, user=None, **raw):
    return submit(
        world.actor(user or world.olga),
        MENU["update-customer-alerts"],
        select={"ids": [customer.pk]},
        raw=raw or {"enabled": "false"},
        now=NOW,
    )


@pytest.mark.parametrize("rest", PAGES)
def test_a_stranger_is_sent_to_the_sign_in_page(world, rest):
    assert Client().get(f"/customers/{world.contoso.pk}{rest}").status_code == 302


@pytest.mark.parametrize("rest", PAGES)
def test_another_portals_customer_does_not_exist(world, rest):
    other = world.customer("Other")
    assert signed_in(world.stranger).get(f"/customers/{world.contoso.pk}{rest}").status_code == 404
    assert signed_in(world.carla).get(f"/customers/{other.pk}{rest}").status_code == 404
    assert signed_in(world.pia).get(f"/customers/{other.pk}{rest}").status_code == 404


@pytest.mark.parametrize("customer_id", [0, 2**63, 10**40])
@pytest.mark.parametrize("rest", PAGES)
def test_an_unknown_customer_is_not_found(world, rest, customer_id):
    assert signed_in(world.olga).get(f"/customers/{customer_id}{rest}").status_code == 404


def test_a_customer_reads_at_every_door_which_partner_it_has_and_no_other(world):
    page, answer = signed_in(world.carla).get(f"/customers/{world.contoso.pk}"), Script(world.carla)
    one, many = answer.get(f"/customers/{world.contoso.pk}").json(), answer.get("/customers").json()["data"]
    assert "Partner Acme Partners" in text(page)
    assert [row["partner"] for row in (one, *many)] == ["Acme Partners", "Acme Partners"]
    assert answer.get("/partners").json()["data"] == []
    assert answer.get(f"/partners/{world.acme.pk}").status_code == 404
    direct = world.customer("Direct")
    fred = world.user("fred@direct.example", "customer", "customer-superuser", customer=direct)
    assert "Partner none: a direct customer" in text(signed_in(fred).get(f"/customers/{direct.pk}"))


@pytest.mark.parametrize("rest", PAGES)
def test_mod05_an_operator_whose_access_was_withdrawn_is_told_so(world, rest):
    closed = world.customer("Closed", operator_access=False, partner=world.acme)
    answer = signed_in(world.olga).get(f"/customers/{closed.pk}{rest}")
    assert answer.status_code == 403
    assert "Closed has withdrawn operator access." in text(answer)
    assert signed_in(world.pia).get(f"/customers/{closed.pk}{rest}").status_code == 200


def test_mod02_the_portal_of_a_customer_opens_in_the_operators_own_session(world):
    shown = text(signed_in(world.olga).get(f"/customers/{world.contoso.pk}"))
    assert "You are in Contoso as" in shown
    assert "Operator Acme Partners Contoso" in shown
    assert world.contoso.account_number in shown
    own = text(signed_in(world.carla).get(f"/customers/{world.contoso.pk}"))
    assert "You are in" not in own


@pytest.mark.parametrize(("offered", "has_one", "who", "is_invited"), [
    (True, False, "carla", True), (False, False, "carla", False), (True, True, "carla", False),
    (True, False, "olga", False),
])  # fmt: skip
def test_a_customer_that_offers_a_second_factor_invites_its_own_users(world, offered, has_one, who, is_invited):
    CustomerDetail.objects.filter(pk=world.contoso.pk).update(two_factor_enabled=offered)
    if has_one:
        secret, now = app.new_secret(), timezone.now()
        enrolment.add_app(world.actor(world.carla), world.carla, secret, pyotp.TOTP(secret).at(now), now=now)
    page = signed_in(getattr(world, who)).get(f"/customers/{world.contoso.pk}")
    assert ("Set one up" in page.content.decode()) == is_invited


def test_mod03_a_customers_user_does_not_see_the_account_number(world):
    carla = signed_in(world.carla)
    for rest in PAGES:
        assert world.contoso.account_number not in text(carla.get(f"/customers/{world.contoso.pk}{rest}"))


def test_mod03_nor_reads_it_or_the_pre_notifications_in_the_history(world):
    olga, select = world.actor(world.olga), {"ids": [world.contoso.pk]}
    change = {"account_number": "SECRET-7", "street": "Main St 1"}
    submit(olga, MENU.entry("modify-customer"), select=select, raw=change, now=NOW)
    submit(olga, MENU.entry("update-pre-notifications"), select=select, raw={"enabled": False}, now=NOW)
    carla, pia = signed_in(world.carla), signed_in(world.pia)
    for path in (f"/customers/{world.contoso.pk}", f"/customers/{world.contoso.pk}/events", "/events"):
        shown = text(carla.get(path))
        assert "Main St 1" in shown, path
        for word in ("SECRET-7", "Account number", "Pre-notifications"):
            assert word not in shown, (path, word)
        assert "SECRET-7" in text(pia.get(path)), path
    assert b"SECRET-7" not in b"".join(carla.get("/events.csv").streaming_content)
    (event,) = Script(world.carla, by=world.olga).get("/events?name=UPDATE_ENTERPRISE").json()["data"]
    assert event["after"] == {"street": "Main St 1"}


def test_the_overview_shows_edges_in_numbers(world):
    world.edges(world.contoso, 3, "CONNECTED")
    world.edges(world.contoso, 2, "OFFLINE")
    assert "5 edges 3 connected 0 degraded 2 offline 0 not activated" in text(
        signed_in(world.olga).get(f"/customers/{world.contoso.pk}")
    )


def test_the_history_shows_before_after_who_and_the_job(world):
    change(world, world.contoso)
    answer = signed_in(world.olga).get(f"/customers/{world.contoso.pk}/events")
    assert "Deactivate customer alerts Customer alerts on → off olga@operator.example" in text(answer)
    assert f'href="/jobs/{Job.objects.get().pk}"' in answer.content.decode()


def test_a_job_of_another_portal_is_not_linked(world):
    change(world, world.contoso)
    shown = signed_in(world.pia).get(f"/customers/{world.contoso.pk}/events").content.decode()
    assert "/jobs/" not in shown.split("<main")[1]
    assert "Customer alerts updated" in shown


def test_the_history_is_paged_by_key(world):
    for _turn in range(26):
        change(world, world.contoso, enabled="false")
        change(world, world.contoso, enabled="true")
    client = signed_in(world.olga)
    first = client.get(f"/customers/{world.contoso.pk}/events").content.decode()
    after = re.search(r"\?after=(\d+)", first)[1]
    second = client.get(f"/customers/{world.contoso.pk}/events?after={after}").content.decode()
    assert len(re.findall(r'class="difference"', first)) + len(re.findall(r'class="difference"', second)) == 52


def test_hostile_text_stays_text(world):
    evil = world.customer("<script>alert(1)</script>", domain="", contact_name='"><svg onload=alert(1)>')
    shown = signed_in(world.olga).get(f"/customers/{evil.pk}").content.decode()
    assert "<script>alert" not in shown
    assert "<svg onload" not in shown


def test_a_page_takes_the_same_number_of_queries_for_any_history(world, django_assert_max_num_queries):
    for _turn in range(5):
        change(world, world.contoso, enabled="false")
        change(world, world.contoso, enabled="true")
    client = signed_in(world.olga)
    with django_assert_max_num_queries(8):
        client.get(f"/customers/{world.contoso.pk}")


def test_pages_hold_nothing_inline(world):
    for rest in PAGES:
        shown = signed_in(world.olga).get(f"/customers/{world.contoso.pk}{rest}").content.decode()
        assert " style=" not in shown
        assert "onclick" not in shown


# The bin


def test_a_stranger_and_a_reader_do_not_see_the_bin(world):
    assert Client().get("/customers/deleted").status_code == 302
    for user in (world.sam, world.bea, world.carla):
        assert signed_in(user).get("/customers/deleted").status_code == 403


def test_a_partner_sees_in_the_bin_what_was_its_own(world):
    foreign = world.customer("Foreign", partner=world.zenith)
    Customer.objects.filter(pk__in=[world.contoso.pk, foreign.pk]).update(deleted_at=NOW)
    shown = signed_in(world.pia).get("/customers/deleted").content.decode()
    assert "Contoso" in shown
    assert "Foreign" not in shown


def test_the_bin_says_who_deleted_what_and_how_many_days_are_left(world):
    gone, *_others = world.customers(2)
    deleting = submit(
        world.actor(world.olga, door="api"), MENU["delete-customer"], select={"ids": [gone.pk]}, raw={}, now=NOW
    )
    shown = signed_in(world.olga).get("/customers/deleted")
    row = text(shown).split(gone.account_number)[1]
    assert world.olga.email in row
    assert "30" in row
    assert f"/jobs/{deleting.pk}" in shown.content.decode()
    assert "Contoso" not in text(shown)


def test_restore_goes_through_the_action_from_one_row_and_from_ticked_ones(world, page):
    customers = world.customers(3)
    ids = [customer.pk for customer in customers]
    Customer.objects.filter(pk__in=ids).update(deleted_at=NOW)
    client = page(world.olga)
    assert "Restore Customer · 2 customers" in text(client.post("/actions/restore-customer/dialog", {"id": ids[:2]}))
    dialog = client.post("/actions/restore-customer/dialog", {"select": f'{{"ids":[{ids[0]}]}}'}).content.decode()
    fields = {
        name: re.search(rf'name="{name}" value="([^"]*)"', dialog)[1].replace("&quot;", '"')
        for name in ("select", "params", "key")
    }
    assert client.post("/actions/restore-customer", fields).status_code == 200
    assert Customer.objects.get(pk=ids[0]).deleted_at is None
    assert Customer.objects.filter(deleted_at=None).count() == 2


def test_a_living_customer_cannot_be_restored(world, page):
    answer = page(world.olga).post("/actions/restore-customer/dialog", {"id": [world.contoso.pk]})
    assert answer.status_code == 422


def test_links_of_rows_beyond_999_hold_no_separator(world):
    """Numbers are grouped on pages; in an address that would make /customers/1,000 of customer 1000."""
    change(world, world.contoso)
    Event.objects.update(job_id=7_654_321, customer_id=7_654_321)
    shown = signed_in(world.olga).get("/events").content.decode()
    assert 'href="/jobs/7654321"' in shown
    assert 'href="/customers/7654321"' in shown


@pytest.mark.parametrize("rest", [*PAGES, "/panel"])
def test_a_link_to_a_deleted_customer_says_when_and_by_whom_to_who_may_see_the_bin(world, rest):
    submit(
        world.actor(world.pia, door="api"), MENU["delete-customer"],
        select={"ids": [world.contoso.pk]}, raw={}, now=NOW,
    )  # fmt: skip
    Customer.objects.filter(pk=world.contoso.pk).update(deleted_at=timezone.now() - timedelta(days=2))
    path = f"/customers/{world.contoso.pk}{rest}"
    answer = signed_in(world.olga).get(path)
    assert answer.status_code == 404
    assert "Contoso is deleted" in text(answer)
    assert "2 days ago" in text(answer)
    assert world.pia.email in text(answer)
    assert 'href="/customers/deleted"' in answer.content.decode()
    assert "Contoso is deleted" in text(signed_in(world.pia).get(path))
    part = signed_in(world.olga, headers={"HX-Request": "true"}).get(path)
    assert (part.status_code, part["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert "Contoso is deleted" in part.content.decode()
    for stranger in (world.sam, world.stranger):
        client = signed_in(stranger)
        gone, invented = (client.get(address) for address in (path, f"/customers/99999999{rest}"))
        assert gone.status_code == invented.status_code in {403, 404}
        one_time = re.compile(rb"[A-Za-z0-9]{64}")  # a form's token
        assert one_time.sub(b"", gone.content) == one_time.sub(b"", invented.content)
