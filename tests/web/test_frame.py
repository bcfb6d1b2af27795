"""The frame around every page: nothing is shown but what the role may open; errors are said in words."""

from __future__ import annotations

import re

from django.test import Client

from tests.web.conftest import signed_in


def rail(page: str) -> list[str]:
    return re.findall(r'<span class="rail-label">([^<]+)</span>\s*</a>\s*</li>', page)


def test_the_rail_lists_what_the_role_may_open(world):
    everything = [
        "Customers",
        "Partners",
        "Gateways",
        "Gateway pools",
        "Operator profiles",
        "Software images",
        "Roll-outs",
        "Edge licences",
        "Deleted customers",
        "Jobs",
        "Events",
        "Users &amp; roles",
        "System properties",
        "Mailbox",
    ]
    expected = {
        "olga": everything,
        "stan": everything[:-1],
        "sam": [
            "Customers",
            "Partners",
            "Gateways",
            "Gateway pools",
            "Operator profiles",
            "Software images",
            "Roll-outs",
            "Edge licences",
            "Jobs",
            "Events",
            "Users &amp; roles",
        ],
        "pia": [
            "Customers",
            "Our settings",
            "Offered customers",
            "Gateways",
            "Gateway pools",
            "Edge licences",
            "Deleted customers",
            "Jobs",
            "Events",
            "Users &amp; roles",
        ],
        "carla": ["Overview", "Jobs", "Events", "Users &amp; roles"],
    }
    for name, entries in expected.items():
        page = signed_in(getattr(world, name)).get("/customers", follow=True).content.decode()
        assert (name, rail(page)) == (name, entries)
        # The rail's entry and the last of "where I am"; a customer's user stands in a section of his customer too.
        assert page.count('aria-current="page"') == 2 + (name == "carla")


def test_every_entry_of_the_rail_opens(world):
    for user in (world.olga, world.stan, world.sam, world.pia, world.carla):
        page = signed_in(user).get("/customers", follow=True).content.decode()
        for path in re.findall(r'<li>\s*<a href="([^"]+)"', page.split("</nav>")[0]):
            assert (user.email, path, signed_in(user).get(path, follow=True).status_code) == (user.email, path, 200)


def test_a_page_that_is_not_open_to_the_role_says_so(world):
    browser = signed_in(world.sam)
    answer = browser.get("/mailbox")
    assert answer.status_code == 403
    assert "This is not open to you" in answer.content.decode()
    script = browser.get("/mailbox", headers={"HX-Request": "true"})
    assert (script.status_code, script["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "<" not in script.content.decode()


def test_what_does_not_exist_is_a_page_of_ours(world):
    browser = signed_in(world.olga)
    for path in ("/nothing", "/customers/999999", "/actions/no-such-action/dialog"):
        answer = browser.post(path) if path.startswith("/actions") else browser.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert "There is nothing here" in answer.content.decode()


def test_a_form_without_its_token_changes_nothing_and_says_why(world):
    strict = signed_in(world.olga, Client(enforce_csrf_checks=True))
    answer = strict.post("/customers/page-size", {"limit": "25"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()
    world.olga.refresh_from_db()
    assert world.olga.preferences == {}


def test_a_script_of_a_signed_out_page_is_led_to_the_sign_in_page_and_back(client, world):
    answer = client.get(
        "/customers",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/customers?search=a&sort=-name"},
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/sign-in?next=/customers%3Fsearch%3Da%26sort%3D-name"


def test_nothing_on_a_page_is_inline(world):
    page = signed_in(world.olga).get("/customers").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|hx-on|javascript:|js:", page)


def where_i_am(user, path: str) -> list[str]:
    page = signed_in(user).get(path, follow=True).content.decode()
    trail = page.split('<ol class="breadcrumb')[1].split("</ol>")[0]
    return [
        ("→ " if "<a " in item else "") + re.sub(r"<[^>]*>", "", f"<li{item}").strip()
        for item in trail.split("<li")[1:]
    ]


def test_where_i_am_names_the_partner_and_the_customer_and_links_what_the_reader_may_open(world):
    inside = f"/customers/{world.contoso.pk}"
    partner = f"/partners/{world.acme.pk}"
    assert where_i_am(world.olga, inside) == ["→ Operator", "→ Acme Partners", "Contoso"]
    assert where_i_am(world.olga, f"{inside}/events") == ["→ Operator", "→ Acme Partners", "→ Contoso", "Events"]
    assert where_i_am(world.pia, inside) == ["→ Acme Partners", "Contoso"]
    assert where_i_am(world.carla, f"{inside}/events") == ["→ Contoso", "Events"]
    assert where_i_am(world.carla, "/jobs") == ["→ Contoso", "Jobs"]
    assert where_i_am(world.olga, partner) == ["→ Operator", "→ Partners", "Acme Partners"]
    assert where_i_am(world.olga, f"{partner}/events") == ["→ Operator", "→ Partners", "→ Acme Partners", "Events"]
    users = ["→ Operator", "→ Partners", "→ Acme Partners", "Users & roles"]
    assert where_i_am(world.olga, f"{partner}/users") == users
    assert where_i_am(world.pia, "/our-settings") == ["→ Acme Partners", "Settings"]


def test_the_list_of_one_partners_customers_says_whose_they_are_while_the_filter_is_on(world):
    path = f"/customers?partner={world.acme.pk}"
    assert where_i_am(world.olga, path) == ["→ Operator", "Acme Partners"]
    assert where_i_am(world.pia, path) == ["→ Acme Partners", "Customers"]
    swapped = signed_in(world.olga).get("/customers", headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'id="where-list" hx-swap-oob="true">Customers', swapped)
