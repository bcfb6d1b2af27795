"""The demonstration, the defaults of an empty installation, and the loader for measurements."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Exists, F, OuterRef
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bailiwick.management.commands.demo import load_demo
from bailiwick.management.demo.words import AWKWARD_NAMES
from bailiwick.models import (
    Confirmation,
    Customer,
    CustomerDetail,
    CustomerProfile,
    CustomerSearch,
    CustomerStat,
    Edge,
    Event,
    Gateway,
    GatewayPool,
    OperatorProfile,
    Partner,
    SoftwareImage,
)
from bailiwick.models.text import forbidden_character, name_key, search_text
from bench.counters import WRONG

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TABLES = (
    *("customer", "customerdetail", "customersearch", "customerstat", "edge", "event"),
    *("partner", "gateway", "gateway_pools", "gatewaypool"),
)

pytestmark = pytest.mark.django_db


def load(now=NOW, **size):
    with connection.cursor() as cursor:
        return load_demo(cursor, now=now, **size)


def empty():
    with connection.cursor() as cursor:
        names = ", ".join(
            f"bailiwick_{table}" for table in (*TABLES, "operatorprofile", "softwareimage", "licencetype")
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")


def digests(shift="0 days"):
    """One digest a table, of all columns but the ids that the server draws itself; instants moved back by `shift`."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT string_agg(CASE WHEN data_type LIKE 'timestamp%%' "
                " THEN format('(%%I - %%L::interval)', column_name, %s)"
                " ELSE quote_ident(column_name) END, ', ' ORDER BY column_name) FROM information_schema.columns"
                " WHERE table_name = %s AND table_schema = 'public' AND (table_name, column_name) NOT IN"
                " (('bailiwick_gatewaypool', 'logical_id'), ('bailiwick_gateway_pools', 'id'))",
                [shift, f"bailiwick_{table}"],
            )
            columns = cursor.fetchone()[0]
            rows = f"SELECT {columns} FROM bailiwick_{table}"
            cursor.execute(f"SELECT md5(string_agg(r::text, E'\\n' ORDER BY r::text)) FROM ({rows}) r")
            found[table] = cursor.fetchone()[0]
    return found


def recount():
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        return cursor.fetchone()[0]


def test_it_has_the_numbers_that_the_readme_promises():
    assert load()
    counts = {model: model.objects.count() for model in (Customer, Partner, Edge, Gateway, OperatorProfile)}
    assert counts == {Customer: 2_000, Partner: 12, Edge: 15_000, Gateway: 40, OperatorProfile: 6}
    assert {model.objects.count() for model in (CustomerDetail, CustomerStat, CustomerSearch)} == {2_000}
    assert not Gateway.objects.filter(pools=None).exists()
    assert all(pool.gateways.count() >= 2 for pool in GatewayPool.objects.all())


def test_two_loads_into_empty_installations_are_equal():
    empty()
    load(customers=400, edges=2_000)
    first = digests()
    empty()
    load(customers=400, edges=2_000)
    assert digests() == first


def test_a_load_on_another_day_differs_in_its_times_alone():
    empty()
    load(customers=400, edges=2_000)
    first = digests()
    empty()
    load(now=NOW + timedelta(days=40), customers=400, edges=2_000)
    moved = digests(shift="40 days")
    assert moved == first
    assert digests() != first


def test_a_second_load_changes_nothing():
    load(customers=50, edges=200)
    before = digests()
    assert not load(customers=50, edges=200)
    assert digests() == before


def test_every_text_obeys_the_rules_of_input():
    load(customers=400, edges=2_000)
    for customer in Customer.objects.all():
        assert forbidden_character(customer.name) is None
        assert customer.name_key == name_key(customer.name)
        assert len(customer.name) <= 255
    assert set(AWKWARD_NAMES) <= set(Customer.objects.values_list("name", flat=True))
    assert max(len(name) for name in AWKWARD_NAMES) >= 250


def test_search_texts_are_those_that_the_engine_would_write():
    load(customers=200, edges=500)
    for row in CustomerSearch.objects.select_related("customer__detail"):
        customer, detail = row.customer, row.customer.detail
        parts = (customer.name, customer.account_number, customer.domain, detail.contact_name, detail.city)
        assert row.text == search_text(*parts)


def test_edge_names_have_their_normal_form():
    load(customers=400, edges=2_000)
    assert all(key == name_key(name) for name, key in Edge.objects.values_list("name", "name_key"))


def test_its_counters_equal_a_recount_and_most_edges_work():
    load(customers=400, edges=2_000)
    assert recount() == 0
    connected = Edge.objects.filter(state="CONNECTED").count()
    assert 0.75 * 2_000 < connected < 0.95 * 2_000
    assert Edge.objects.filter(state="NEVER_ACTIVATED", serial_number="", last_contact_at=None).count() > 20


def test_events_agree_with_the_present():
    load(customers=400, edges=2_000)
    assert Event.objects.filter(at__gt=NOW).count() == 0
    assert Event.objects.filter(at__lt=NOW - timedelta(weeks=12)).count() == 0
    for name, column in (
        ("CUSTOMER_ALERTS_UPDATED", "alerts_enabled"),
        ("OPERATOR_ALERTS_UPDATED", "operator_alerts_enabled"),
    ):
        events = Event.objects.filter(name=name)
        assert events.count() > 20
        values = dict(Customer.objects.values_list("id", column))
        assert all(event.after[column] == values[event.customer_id] for event in events)


def test_an_empty_installation_can_take_a_customer_after_setup():
    call_command("setup")
    pool = GatewayPool.objects.get(is_default=True)
    profile = OperatorProfile.objects.select_related("image").get()
    assert (pool.name_key, profile.name_key) == (name_key(pool.name), name_key(profile.name))
    assert profile.image is not None


def test_setup_adds_nothing_where_something_is():
    call_command("setup")
    call_command("setup")
    assert (GatewayPool.objects.count(), OperatorProfile.objects.count(), SoftwareImage.objects.count()) == (1, 1, 1)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(customers=st.integers(1, 300), edges=st.integers(0, 1_500))
def test_seed_adds_exactly_what_was_asked_for(customers, edges):
    before = Customer.objects.count(), Edge.objects.count()
    call_command("seed", customers=customers, edges=edges)
    assert (Customer.objects.count(), Edge.objects.count()) == (before[0] + customers, before[1] + edges)
    assert recount() == 0
    assert (
        CustomerSearch.objects.count()
        == CustomerDetail.objects.count()
        == CustomerStat.objects.count()
        == Customer.objects.count()
    )


def test_seeded_rows_obey_the_normal_form_and_stand_beside_the_demonstration():
    load(customers=50, edges=100)
    call_command("seed", customers=300, edges=900)
    for row in CustomerSearch.objects.select_related("customer__detail"):
        customer, detail = row.customer, row.customer.detail
        assert customer.name_key == name_key(customer.name)
        assert row.text == search_text(
            customer.name, customer.account_number, customer.domain, detail.contact_name, detail.city
        )


@pytest.mark.parametrize(("customers", "edges"), [(0, 10), (-1, 10), (10, -1), (10_000_001, 0)])
def test_seed_refuses_numbers_out_of_range(customers, edges):
    with pytest.raises(CommandError, match="takes 1 to"):
        call_command("seed", customers=customers, edges=edges)
    assert not Customer.objects.exists()


def test_support_mails_can_be_tried_at_once_with_every_contact_of_the_demonstration():
    load(customers=20, edges=40)
    assert CustomerDetail.objects.filter(customer__confirmations__confirmed_at__isnull=False).count() == 20
    assert {row.email for row in Confirmation.objects.all()} == {
        row.contact_email for row in CustomerDetail.objects.all()
    }


def test_edges_have_only_software_that_their_customers_may_choose():
    load()
    own = Edge.objects.exclude(operator_profile=None)
    besides = CustomerProfile.objects.filter(
        customer=OuterRef("customer"), operator_profile=OuterRef("operator_profile")
    )
    assert own.exists()
    assert not own.filter(~Exists(besides)).exists()
    assert not CustomerProfile.objects.filter(customer__edge_image_management=False).exists()
    lacking = CustomerProfile.objects.exclude(partner_id=None).exclude(
        operator_profile__partner_grants__partner_id=F("partner_id")
    )
    assert not lacking.exists()
