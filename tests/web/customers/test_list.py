"""The customers page: strangers first, then what it shows, to whom, and what it refuses."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from bailiwick.actions import MENU
from bailiwick.engine.listing.lookup import find_customers
from bailiwick.engine.selection import freeze_rows
from bailiwick.engine.submit import store_change
from bailiwick.models import Customer, EdgeState, SavedView, SystemProperty
from bailiwick.web.customers.columns import COLUMNS
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import NOW

PATHS = [
    "/customers",
    "/customers/filter",
    "/customers/columns",
    "/customers/views",
    "/pick/partners",
    "/search",
    "/search?q=a",
]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def page(client, world):
    """Asks for a page as one of the cast; without a name as Olga."""

    def ask(path="/customers", user=None, status=200, **extra):
        signed_in(user or world.olga, client)
        answer = client.get(path, **extra)
        assert answer.status_code == status, answer.content
        return answer.content.decode()

    return ask


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_sent_to_the_sign_in_page(client, world, path):
    assert client.get(path)["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ["/customers/page-size", "/customers/views/1/forget", "/customers/columns"])
def test_what_changes_something_needs_a_post_with_its_token(world, path):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    signed_in(world.olga, strict)
    assert strict.post(path, {"limit": 25}).status_code == 403


def test_each_portal_lists_its_own_customers_only(world, page):
    world.customer("Direct Inc")
    world.customer("Zenith Client", partner=world.zenith)
    assert all(name in page() for name in ("Contoso", "Direct Inc", "Zenith Client"))
    theirs = page(user=world.pia)
    assert "Contoso" in theirs
    assert "Direct Inc" not in theirs
    assert "Zenith Client" not in theirs
    assert "1 customer &#183;" in theirs


def test_a_foreign_customer_has_no_panel(world, page):
    other = world.customer("Zenith Client", partner=world.zenith)
    page(f"/customers/{other.pk}/panel", world.pia, 404)
    page(f"/customers/{other.pk}/panel", world.carla, 404)
    assert "Zenith Client" in page(f"/customers/{other.pk}/panel")


def test_lst_01_text_typed_in_search_matches_any_searched_column(world, page):
    world.customer("Tailspin", city="Bergen", contact_name="Ola Nordmann", domain="spin.example", account_number="Q-77")
    for typed in ("tails", "bergen", "nordm", "spin.ex", "q-77"):
        shown = page(f"/customers?search={typed}")
        assert "Tailspin" in shown
        assert "Contoso" not in shown


def test_lst_02_partner_is_null_lists_direct_customers_only(world, page):
    world.customer("Direct Inc")
    shown = page("/customers?partner.isNull=1")
    assert "Direct Inc" in shown
    assert ">Contoso<" not in shown
    assert "Remove the filter Partner is empty" in shown


def test_lst_03_the_partner_cell_opens_that_partners_list(world, page):
    world.customer("Direct Inc")
    link = f"/customers?partner={world.acme.pk}"
    assert f'href="{link}"' in page()
    shown = page(link)
    assert "Contoso" in shown
    assert "Direct Inc" not in shown
    assert "Acme Partners" in shown


def test_mod_02_the_name_opens_the_customers_portal(world, page):
    path = f"/customers/{world.contoso.pk}"
    assert f'href="{path}"' in page()
    assert "Contoso" in page(path)


def test_the_contact_of_a_customer_that_withdrew_operator_access_is_not_listed(world, page):
    world.customer("Closed", contact_name="Ola Nordmann", city="Bergen", operator_access=False)
    world.customer("Open", contact_name="Kari Nordmann", city="Oslo")
    shown = page("/customers?columns=name,contact_name,city")
    assert "Closed" in shown
    assert "Kari Nordmann" in shown
    assert "Ola Nordmann" not in shown
    assert "Bergen" not in shown


def test_lst_04_without_the_bastion_feature_there_is_no_bastion_column(world, page):
    assert "col-bastion_state" not in page()
    assert "bastion_state" not in page("/customers/columns")
    assert 'name="bastion_state"' not in page("/customers/filter")
    SystemProperty.objects.create(name="session.options.enableBastionOrchestrator", value=True)
    assert "col-bastion_state" in page()
    assert "bastion_state" in page("/customers/columns")
    assert 'name="bastion_state"' in page("/customers/filter")


def test_lst_05_a_choice_of_columns_is_kept_for_that_user(client, world, page):
    page()
    answer = client.post("/customers/columns", {"columns": ["city", "edges", "nonsense", "city"]})
    assert (answer.status_code, json.loads(answer["HX-Trigger"]).keys()) == (204, {"close-dialog", "customers-changed"})
    shown = page()
    assert [part.split('"')[0].split()[0] for part in shown.split('scope="col" class="col-')[1:]] == [
        "name",
        "city",
        "edges",
    ]
    assert "col-partner" in page(user=world.stan)
    page()
    client.post("/customers/columns", {"usual": "1", "columns": ["city"]})
    assert "col-partner" in page()


def test_lst_06_the_second_page_is_reached_by_the_token(world, page):
    world.customers(60)
    first = page("/customers?limit=25")
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = page(link)
    assert "26&#8211;50" in second
    ids = lambda text: {part.split('"')[0] for part in text.split('data-id="')[1:]}  # noqa: E731
    assert not ids(first) & ids(second)
    assert ids(page(second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&"))) == ids(first)


def test_every_column_can_be_shown_and_sorted_by(world, page):
    world.edges(world.contoso, 2, EdgeState.OFFLINE)
    SystemProperty.objects.create(name="session.options.enableBastionOrchestrator", value=True)
    everything = ",".join(column.name for column in COLUMNS)
    shown = page(f"/customers?columns={everything}")
    for column in COLUMNS:
        assert f"col-{column.name}" in shown
        for way in ("", "-"):
            assert "Contoso" in page(f"/customers?columns={everything}&sort={way}{column.name}")


def test_a_customers_own_user_does_not_see_the_account_number(world, page):
    assert world.contoso.account_number in page()
    assert world.contoso.account_number not in page("/customers?sort=name", world.carla)
    assert world.contoso.account_number not in page("/customers?columns=account_number", world.carla)


def test_mod_03_a_customers_own_user_lands_on_its_overview_and_meets_no_column_of_the_operators(client, world, page):
    signed_in(world.carla, client)
    for path in ("/", "/customers"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1] == (f"/customers/{world.contoso.pk}", 302)
        assert ">Overview<" in answer.content.decode()
    shown = page("/customers?columns=name,operator_alerts_enabled,account_number", world.carla)
    assert "col-name" in shown
    assert not any(word in shown for word in ("col-operator_alerts", "col-account", "Pre-notifications"))
    panels = page("/customers/filter", world.carla) + page("/customers/columns", world.carla)
    assert not any(word in panels for word in ("operator_alerts", "account_number", "Pre-notifications"))
    assert "Pre-notifications" in page()


def test_mod_03_a_customers_own_user_finds_nothing_by_the_operators_columns(world):
    carla, number = Script(world.carla), world.contoso.account_number
    assert (number, carla.get("/customers").json()["data"][0]["operator_alerts_enabled"]) == ("A-00001", None)
    assert carla.get(f"/customers/{world.contoso.pk}").json()["operator_alerts_enabled"] is None
    for typed in (number, "A-0", "a-", "00001"):
        assert carla.get(f"/customers?search={typed}").json()["data"] == []
    for typed in ("onto", "co", "CONTOSO"):
        assert len(carla.get(f"/customers?search={typed}").json()["data"]) == 1
    for asked in (f"account_number.is={number}", "operator_alerts_enabled=true"):
        answer = carla.get(f"/customers?{asked}")
        assert (answer.status_code, "unknown_filter" in answer.content.decode()) == (422, True)
        assert Script(world.olga).get(f"/customers?{asked}").status_code == 200
    assert [find_customers(world.actor(world.carla), typed) for typed in (number, "onto")] == [
        [], [(world.contoso.pk, "Contoso", "")],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("nonsense=1", "There is no such filter."),
        ("sort=password", "The list cannot be sorted by this."),
        ("after=garbage", "This is not the address of a page."),
        ("limit=many", "Give a page size of 1 to 2048."),
        ("limit=0", "Give a page size of 1 to 2048."),
        ("limit=99999999999999999999", "Give a page size of 1 to 2048."),
        ("edges_down_min=x", "Enter a whole number."),
        ("search=%00", "The search holds the"),
        ("partner=acme", "Give a partner, or none."),
        ("name.is=%00", "No stored text can hold this."),
    ],
)
def test_an_address_that_asks_for_nonsense_is_answered_in_words(page, query, words):
    shown = page(f"/customers?{query}", status=422)
    assert words in shown
    assert 'href="/customers"' in shown
    assert words in page(f"/customers?{query}", status=422, **HTMX)


def test_a_script_gets_the_list_alone_and_the_clean_address(client, world, page):
    page()
    answer = client.get("/customers?search=con&partner=&edges_min=&sort=name&limit=50", **HTMX)
    assert answer["HX-Push-Url"] == "/customers?search=con"
    assert "<html" not in answer.content.decode()
    typing = client.get("/customers?search=con", HTTP_HX_TRIGGER_NAME="search", **HTMX)
    assert typing["HX-Replace-Url"] == "/customers?search=con"
    assert "HX-Push-Url" not in typing.headers


def test_the_page_size_is_kept_for_that_user(client, world, page):
    world.customers(40)
    page()
    assert client.post("/customers/page-size", {"limit": "25"}).status_code == 204
    assert "1&#8211;25" in page()
    client.post("/customers/page-size", {"limit": "3"})
    assert "1&#8211;25" in page()
    assert "1&#8211;41" in page(user=world.stan)


def test_preferences_written_by_two_pages_do_not_undo_each_other(client, world, page):
    page()
    client.post("/customers/page-size", {"limit": "25"})
    client.post("/customers/columns", {"columns": ["city"]})
    world.olga.refresh_from_db()
    assert world.olga.preferences == {"page_size": 25, "columns": ["name", "city"]}


def test_a_view_is_kept_opened_replaced_and_removed(client, world, page):
    page()
    query = {"name": "Night shift", "edges_down_min": "1", "sort": "-edges_down"}
    answer = client.post("/customers/views", query)
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query) == {"edges_down_min": ["1"], "sort": ["-edges_down"]}
    assert "Night shift" in page(path="/customers/views/menu")
    client.post("/customers/views", {"name": "Night shift", "search": "con"})
    assert '<a class="dropdown-item" href="/customers?search=con"><bdi>Night shift</bdi>' in page(
        path="/customers/views/menu"
    )
    assert "Night shift" not in page(user=world.stan, path="/customers/views/menu")
    view = SavedView.objects.get()
    assert client.post(f"/customers/views/{view.pk}/forget").status_code == 404
    page()
    assert client.post(f"/customers/views/{view.pk}/forget")["HX-Redirect"] == "/customers"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    "query", [{"name": ""}, {"name": "x", "nonsense": "1"}, {"name": "a\u202eb"}, {"name": "x", "sort": "no"}]
)
def test_a_view_that_cannot_be_opened_again_is_not_kept(client, page, query):
    page()
    assert client.post("/customers/views", query).status_code == 422
    assert not SavedView.objects.exists()


def test_an_empty_list_says_how_to_fill_it(world, page):
    assert "No customer matches" in page("/customers?search=nothing-like-it")
    Customer.objects.all().delete()
    assert "There are no customers yet" in page()


def test_the_panel_names_the_jobs_that_run_on_the_customer_and_no_foreign_ones(world, page):
    other = world.customer("Other", partner=world.acme)
    for customer in (world.contoso, other):
        alerts, actor = MENU["update-customer-alerts"], world.actor(world.olga)
        selection = freeze_rows(actor, Customer.objects.filter(pk=customer.pk), now=NOW)
        store_change(actor, alerts, selection, raw={"enabled": "false"}, now=NOW)
    panel = page(f"/customers/{world.contoso.pk}/panel")
    assert panel.count("Deactivate customer alerts") == 1
    assert "Deactivate" not in page(f"/customers/{world.contoso.pk}/panel", world.pia), "An operator's job is not hers."


def test_the_filter_panel_shows_the_filter_in_force(world, page):
    shown = page(
        f"/customers/filter?partner={world.acme.pk}&edges_down_min=3&alerts_enabled=false&city.is=Oslo&sort=-edges"
    )
    assert 'value="Acme Partners"' in shown
    assert 'name="edges_down_min" value="3"' in shown
    assert '<option value="false" selected>' in shown
    assert '<input type="hidden" name="city.is" value="Oslo">' in shown
    assert '<input type="hidden" name="sort" value="-edges">' in shown
    assert "filter-partner" not in page("/customers/filter", world.pia)


def test_pickers_answer_from_the_actors_scope_with_at_most_20(world, page):
    for number in range(30):
        world.partner(f"Reseller {number:02d}")
    shown = page("/pick/partners?q=reseller")
    assert shown.count('role="option"') == 20
    assert "Acme Partners" in page("/pick/partners?q=PARTN")
    assert "Zenith" not in page("/pick/partners?q=zen", world.pia)
    assert "Acme" not in page("/pick/partners?q=acme", world.carla)
    page("/pick/users?q=a", status=404)
    assert "Nothing has this name." in page("/pick/partners?q=%00%25")


def test_ctrl_k_finds_customers_edges_pages_and_actions_of_the_own_scope(world, page):
    world.edges(world.contoso, 1)
    edge = world.contoso.edges.get()
    assert "Contoso" in page("/search?q=conto")
    assert edge.name in page(f"/search?q={edge.name}")
    assert 'href="/jobs"' in page("/search?q=jobs")
    assert "New Customer" in page("/search?q=new%20cust")
    assert "Contoso" not in page("/search?q=conto", world.stranger)
    assert edge.name not in page(f"/search?q={edge.name}", world.stranger).split("Nothing was found")[0]
    assert "Nothing was found." in page("/search?q=%3Cscript%3E%00")


def test_the_same_number_of_queries_for_few_rows_as_for_many(client, world, django_assert_max_num_queries):
    signed_in(world.olga, client)
    client.get("/customers")
    with django_assert_max_num_queries(9):
        client.get("/customers")
    world.customers(100)
    with django_assert_max_num_queries(9):
        client.get("/customers?limit=100")


def test_a_short_search_says_that_it_finds_beginnings_only(world, page):
    hint = "One or two letters find how a name"
    assert "Contoso" in page("/customers?search=co")
    assert hint in page("/customers?search=co")
    assert "Contoso" not in page("/customers?search=to", **HTMX)
    assert hint in page("/customers?search=to", **HTMX)
    assert hint not in page("/customers?search=con")
    assert hint not in page()


def test_the_width_of_a_column_is_kept_for_that_user(client, world, page):
    page()
    for posted in ({"name": "city", "width": "220"}, {"name": "edges", "width": "60"}, {"name": "edges", "width": "0"}):
        assert client.post("/customers/width", posted).status_code == 204
    for nonsense in (
        {"name": "city", "width": "7"},
        {"name": "city", "width": "9999"},
        {"name": "city", "width": "x"},
        {"name": "'x'", "width": "100"},
        {},
    ):
        assert client.post("/customers/width", nonsense).status_code == 204
    world.olga.refresh_from_db()
    assert world.olga.preferences["widths"] == {"city": 220}
    assert 'data-widths="{&quot;city&quot;: 220}"' in page()


def test_a_page_is_opened_by_its_number_and_behind_the_last_the_last_is_shown(world, page):
    world.customers(60)
    for asked in ("2", "3", "900"):
        shown = page(f"/customers?limit=50&page={asked}")
        assert "51&#8211;61" in shown
        assert 'value="2" data-page-number' in shown
    assert "Give the number of a page" in page("/customers?page=x", status=422)


def test_the_filter_panel_offers_each_column_the_comparisons_of_its_kind(page):
    shown = page("/customers/filter")
    assert '<option value="edges" data-kind="number">' in shown
    assert '<option value="greaterOrEquals" data-kinds="number">' in shown
    assert '<option value="contains" data-kinds="key text">' in shown
