"""The Actions menu and its one dialog: strangers first, then form, preview, submit."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.access.properties import BY_NAME
from bailiwick.models import Customer, Event, Job, Selection, SystemProperty
from tests.web.conftest import signed_in

DOORS = ("dialog", "preview", "")
OFF = {"enabled": "false"}


def selected(customers):
    return json.dumps({"ids": [customer.pk for customer in customers]})


def address(slug, door=""):
    return f"/actions/{slug}/{door}" if door else f"/actions/{slug}"


def hidden(answer, name):
    """The value of a hidden field, as the browser would post it."""
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1])


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def previewed(client, slug, customers, **fields):
    return client.post(address(slug, "preview"), {"select": selected(customers), **fields})


def carried(answer, **more):
    """What the preview's form posts."""
    return {**{name: hidden(answer, name) for name in ("select", "params", "key")}, **more}


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_is_sent_to_the_sign_in_page(world, door):
    answer = Client().post(address("delete-customer", door), {"select": selected([world.contoso])})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in")
    assert Client(headers={"HX-Request": "true"}).post(address("delete-customer", door)).status_code == 401


@pytest.mark.parametrize("door", DOORS)
def test_a_role_without_the_permission_is_refused(world, page, door):
    fields = {"select": selected([world.contoso]), **OFF}
    for user in (world.sam, world.bea, world.carla):
        assert page(user).post(address("update-customer-alerts", door), fields).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_customers_of_another_partner_do_not_exist(world, page, door):
    answer = page(world.stranger).post(
        address("update-customer-alerts", door), {"select": selected([world.contoso]), **OFF}
    )
    assert answer.status_code == 422
    assert "No customer is selected" in text(answer)
    assert not Job.objects.exists()


def test_another_users_ticket_does_not_exist(world, page):
    answer = previewed(page(world.olga), "update-customer-alerts", [world.contoso], **OFF)
    stolen = page(world.stan).post(address("update-customer-alerts"), carried(answer))
    assert (stolen.status_code, "no such selection" in text(stolen)) == (422, True)


@pytest.mark.parametrize("slug", ["no-such-action", "delete_customer", "DELETE-CUSTOMER"])
@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_action_is_not_found(world, page, slug, door):
    assert page(world.olga).post(address(slug, door)).status_code == 404


def test_a_reader_can_only_post(world, page):
    assert page(world.olga).get(address("delete-customer")).status_code == 405


# The menu


def test_the_menu_holds_what_the_role_may_do(world, page):
    assert "Delete Customer" in text(page(world.olga).get("/actions/menu?count=3"))
    for user in (world.bea, world.sam, world.carla):
        assert "Delete Customer" not in text(page(user).get("/actions/menu?count=3"))


def test_pre07_a_partner_user_has_no_pre_notifications(world, page):
    pia = page(world.pia)
    assert "Pre-Notifications" not in text(pia.get("/actions/menu?count=1"))
    assert (
        pia.post(address("update-pre-notifications"), {"select": selected([world.contoso]), **OFF}).status_code == 403
    )


def test_entries_carry_the_number_of_selected_customers(world, page):
    shown = page(world.olga).get("/actions/menu?count=8312")
    assert "Delete Customer… 8,312 selected" in text(shown)
    assert 'hx-post="/actions/delete-customer/dialog"' in shown.content.decode()


def test_without_a_selection_entries_say_why_they_are_closed(world, page):
    shown = page(world.olga).get("/actions/menu").content.decode()
    assert re.search(r'aria-disabled="true" title="Select at least one customer."', shown)
    assert "/actions/delete-customer/dialog" not in shown


def test_a_closed_gate_shows_its_reason_in_the_menu(world, page):
    assert "session.options.disableCreateEnterprise" in BY_NAME
    SystemProperty.objects.create(name="session.options.disableCreateEnterprise", value=True)
    shown = page(world.olga).get("/actions/menu").content.decode()
    entry = next(line for line in re.split(r"<button", shown) if "New Customer" in line)
    assert 'aria-disabled="true"' in entry
    assert re.search(r'title="[^"]{20,}"', entry)


def test_rel_04_with_direct_customers_alone_the_release_is_closed_and_says_why(world, page):
    direct, olga = world.customers(2), page(world.olga)

    def entry(*customers):
        ids = ",".join(str(customer.pk) for customer in customers)
        shown = olga.get("/actions/menu", {"count": len(customers), "ids": ids}).content.decode()
        return next(line for line in re.split("<button", shown) if "Release from Partner" in line)

    for chosen in (direct[:1], direct):
        assert 'aria-disabled="true" title="Has no partner."' in entry(*chosen)
        assert "/dialog" not in entry(*chosen)
    for chosen in ([world.contoso], [direct[0], world.contoso], []):
        assert "Has no partner." not in entry(*chosen)


@pytest.mark.parametrize("ids", ["x", "1,", "-1", "0", "9" * 400, "1," * 5000, "\x00", "1;DROP"])
def test_strange_ids_close_no_entry(world, page, ids):
    shown = page(world.olga).get("/actions/menu", {"count": 1, "ids": ids})
    assert shown.status_code == 200
    assert "/actions/release-from-partner/dialog" in shown.content.decode()


def test_the_menu_tells_nobody_who_has_a_partner_elsewhere(world, page):
    foreign, invented = (
        page(world.stranger).get("/actions/menu", {"count": 1, "ids": pk}).content
        for pk in (world.customer("Elsewhere").pk, 99_999_999)
    )
    assert foreign == invented


@pytest.mark.parametrize("count", ["-1", "x", "9" * 400, "1e3", "²", ""])
def test_a_strange_count_is_no_selection(world, page, count):
    answer = page(world.olga).get("/actions/menu", {"count": count})
    assert answer.status_code == 200
    assert "Select at least one customer." in answer.content.decode()


# The dialog


@pytest.mark.parametrize("slug", ["update-customer-alerts", "update-pre-notifications", "update-edge-image-management"])
@pytest.mark.parametrize(("enabled", "says"), [("true", "Activate"), ("false", "Deactivate")])
def test_the_button_says_as_the_title_does_which_way_a_switch_goes(world, page, slug, enabled, says):
    was = enabled == "false"
    names = ("alerts_enabled", "operator_alerts_enabled", "edge_image_management")
    rows = world.customers(2, **dict.fromkeys(names, was))
    shown = unescape(previewed(page(world.olga), slug, rows, enabled=enabled).content.decode())
    title = re.search(r'<h2 id="dialog-title">(.*?) ·', shown)[1]
    button = re.search(r'<button type="submit"[^>]*>(.*?)</button>', shown)[1]
    assert title.split()[0] == button.split()[0] == says
    assert button.endswith("2 customers")


def test_the_form_shows_help_labels_and_the_number_of_customers(world, page):
    customers = world.customers(3)
    shown = page(world.olga).post(address("update-customer-alerts", "dialog"), {"select": selected(customers)})
    assert shown.status_code == 200
    assert "Update Customer Alerts · 3 customers" in text(shown)
    assert "Switches alerts to the selected customers on or off." in text(shown)
    assert json.loads(hidden(shown, "select")).keys() == {"ticket"}


def test_a_single_customer_is_named(world, page):
    shown = page(world.olga).post(address("update-customer-alerts", "dialog"), {"select": selected([world.contoso])})
    assert "Update Customer Alerts · Contoso" in text(shown)


def test_hostile_names_are_text(world, page):
    evil = world.customer("<img src=x onerror=alert(1)>")
    shown = page(world.olga).post(address("delete-customer", "dialog"), {"select": selected([evil])}).content.decode()
    assert "<img" not in shown
    assert "&lt;img src=x" in shown


def test_a_missing_field_is_said_beside_it(world, page):
    answer = previewed(page(world.olga), "update-customer-alerts", [world.contoso])
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert 'aria-invalid="true"' in shown
    assert re.search(r'id="id_enabled_error"><div>[^<]+</div>', shown)


def test_an_action_without_questions_begins_with_the_preview(world, page):
    shown = page(world.olga).post(address("delete-customer", "dialog"), {"select": selected(world.customers(2))})
    assert "2 will change" in text(shown)
    assert "Restore is possible for 30 days." in text(shown)
    assert "Type 2, the number of selected customers" in text(shown)


def test_the_preview_counts_changes_harmless_rows_and_refusals(world, page):
    empty, held = world.customers(2)
    world.edges(held, 2)
    shown = text(previewed(page(world.olga), "delete-customer", [empty, held]))
    assert "1 will change 0 already so 1 refused" in shown
    assert "Has 2 edges: remove them first. 1" in shown
    alerts = text(
        previewed(page(world.olga), "update-customer-alerts", [empty, *world.customers(2, alerts_enabled=False)], **OFF)
    )
    assert "1 will change 2 already so" in alerts
    assert "Customer alerts are off already. 2" in alerts
    assert "Customer alerts on → off" in alerts


def test_a_preview_changes_nothing(world, page):
    previewed(page(world.olga), "update-customer-alerts", [world.contoso], **OFF)
    assert not Job.objects.exists()
    assert not Event.objects.exists()
    assert Customer.objects.get(pk=world.contoso.pk).alerts_enabled


def test_pre06_a_banner_says_that_nobody_gets_pre_notifications_while_no_address_is_set(world, page):
    off = world.customer("Quiet", operator_alerts_enabled=False)
    shown = text(previewed(page(world.olga), "update-pre-notifications", [off], enabled="true"))
    assert "vco.alert.mail.to is empty" in shown
    SystemProperty.objects.create(name="vco.alert.mail.to", value="noc@operator.example")
    assert "vco.alert.mail.to" not in text(
        previewed(page(world.olga), "update-pre-notifications", [off], enabled="true")
    )


def test_nothing_to_change_leaves_the_button_closed(world, page):
    shown = previewed(page(world.olga), "update-customer-alerts", [world.contoso], enabled="true").content.decode()
    assert re.search(r'type="submit" class="btn btn-primary" disabled>Nothing to do<', shown)


def test_the_dialog_is_as_large_for_2000_customers_as_for_2(world, page):
    world.customers(2_000)
    few = previewed(page(world.olga), "update-customer-alerts", world.customers(20), **OFF)
    many = page(world.olga).post(address("update-customer-alerts", "preview"), {"select": '{"matching": {}}', **OFF})
    assert "2,021 will change" in text(many)
    assert abs(len(many.content) - len(few.content)) < 100


def test_going_back_keeps_what_was_chosen(world, page):
    answer = previewed(page(world.olga), "update-customer-alerts", [world.contoso], **OFF)
    form = page(world.olga).post(address("update-customer-alerts", "dialog"), carried(answer)).content.decode()
    assert re.search(r'value="false"[^>]*checked', form)


# Submit


def test_a_small_job_is_done_at_once_and_offers_undo(world, page):
    customers, client = world.customers(3), page(world.olga)
    answer = client.post(
        address("update-customer-alerts"), carried(previewed(client, "update-customer-alerts", customers, **OFF))
    )
    job = Job.objects.get()
    assert answer.status_code == 200
    assert (job.changed, job.door, job.selection.count) == (3, "web", 3)
    assert "Deactivate customer alerts · 3 changed" in text(answer)
    assert f'hx-post="/jobs/{job.pk}/undo"' in answer.content.decode()
    assert {"close-dialog", "customers-changed", "jobs-changed"} <= json.loads(answer["HX-Trigger"]).keys()


def test_what_is_done_is_what_was_seen(world, page):
    client = page(world.olga)
    answer = client.post(address("update-customer-alerts", "preview"), {"select": '{"matching": {}}', **OFF})
    late = world.customer("Came after the preview")
    client.post(address("update-customer-alerts"), carried(answer))
    assert Job.objects.get().total == 1
    assert Customer.objects.get(pk=late.pk).alerts_enabled


def test_a_double_click_makes_one_job(world, page):
    client = page(world.olga)
    fields = carried(previewed(client, "update-customer-alerts", [world.contoso], **OFF))
    answers = [client.post(address("update-customer-alerts"), fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Job.objects.count() == 1
    assert Event.objects.count() == 1


def test_an_expired_ticket_is_refused_in_words(world, page):
    client = page(world.olga)
    fields = carried(previewed(client, "update-customer-alerts", [world.contoso], **OFF))
    Selection.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = client.post(address("update-customer-alerts"), fields)
    assert answer.status_code == 422
    assert "This selection has expired. Select the customers again." in text(answer)
    assert not Job.objects.exists()


def test_del02_two_customers_are_deleted_when_2_is_typed(world, page):
    customers, client = world.customers(2), page(world.olga)
    shown = client.post(address("delete-customer", "dialog"), {"select": selected(customers)})
    client.post(address("delete-customer"), carried(shown, confirm="2"))
    assert Customer.objects.filter(deleted_at__isnull=False).count() == 2


@pytest.mark.parametrize("typed", ["", "1", "3", "two", "2.0", "-2", "٢", "9" * 100])
def test_del03_a_wrong_number_is_refused_by_the_server_too(world, page, typed):
    customers, client = world.customers(2), page(world.olga)
    shown = client.post(address("delete-customer", "dialog"), {"select": selected(customers)})
    assert re.search(r'type="submit" class="btn btn-danger" disabled', shown.content.decode())
    answer = client.post(address("delete-customer"), carried(shown, confirm=typed))
    assert answer.status_code == 422
    assert "Type 2, the number of selected customers." in text(answer)
    assert 'aria-describedby="confirm_error"' in answer.content.decode()
    assert not Customer.objects.filter(deleted_at__isnull=False).exists()


def test_del01_del04_who_holds_edges_stays_and_is_reported(world, page):
    empty, held = world.customers(2)
    world.edges(held)
    client = page(world.olga)
    shown = client.post(address("delete-customer", "dialog"), {"select": selected([empty, held])})
    answer = client.post(address("delete-customer"), carried(shown, confirm="2"))
    assert "1 changed · 1 refused" in text(answer)
    assert Customer.objects.get(pk=held.pk).deleted_at is None


def test_a_large_job_shows_its_progress_in_the_dialog(world, page):
    world.customers(1_001)
    client = page(world.olga)
    shown = client.post(address("update-customer-alerts", "preview"), {"select": '{"matching": {}}', **OFF})
    answer = client.post(address("update-customer-alerts"), carried(shown))
    job = Job.objects.get()
    assert job.state == "queued"
    assert answer["HX-Retarget"] == "#dialog"
    assert f'hx-get="/jobs/{job.pk}/live?in_dialog=1"' in answer.content.decode()
    assert "waiting for a worker" in text(answer)


HOSTILE = [
    {},
    {"select": "{"},
    {"select": "null"},
    {"select": '{"ids": ["1"]}'},
    {"select": '{"ids": [1e400]}'},
    {"select": '{"ids": [' + "9" * 30 + "]}"},
    {"select": "[" * 100_000},
    {"select": '{"ticket": "\\u0000"}'},
    {"select": json.dumps({"ticket": "00000000-0000-4000-8000-000000000000"})},
    {"select": '{"matching": {"no_such_filter": 1}}'},
    {"id": ["x", "1"]},
    {"id": "9" * 50},
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("fields", HOSTILE, ids=str)
def test_whatever_is_posted_as_a_selection_is_refused_in_words(world, page, fields, door):
    answer = page(world.olga).post(address("update-customer-alerts", door), {**OFF, **fields})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "params",
    [
        "{",
        "[]",
        "1",
        '{"enabled": {"a": 1}}',
        '{"enabled": [["x"]]}',
        '{"other": 1}',
        '{"enabled": "\\ud800"}',
        '{"enabled": "\\u0000"}',
    ],
)
@pytest.mark.parametrize("door", ["preview", ""])
def test_whatever_is_posted_as_values_is_refused_in_words(world, page, params, door):
    fields = {"select": selected([world.contoso]), "params": params, "key": "'; --"}
    answer = page(world.olga).post(address("update-customer-alerts", door), fields)
    assert answer.status_code == 422
    assert "dialog" in answer.content.decode()
    assert not Job.objects.exists()


def test_a_post_from_another_site_is_refused(world):
    client = signed_in(world.olga, enforce_csrf_checks=True)
    assert client.post(address("delete-customer"), {"select": selected([world.contoso])}).status_code == 403


# Other kinds of actions, the same dialog


def test_an_export_is_asked_for_in_one_step_and_the_file_is_fetched(world, page):
    client = page(world.olga)
    form = client.post(address("export-all-customers", "dialog"))
    assert 'hx-post="/actions/export-all-customers"' in form.content.decode()
    answer = client.post(address("export-all-customers"), {"separator": ";", "key": hidden(form, "key")})
    assert answer["HX-Redirect"].startswith("/api/v1/exports/customers.csv")
    assert "close-dialog" in answer["HX-Trigger"]


def test_a_separator_that_cannot_be_used_is_said_beside_the_field(world, page):
    answer = page(world.olga).post(address("export-all-customers"), {"separator": "ab"})
    assert answer.status_code == 422
    assert 'id="id_separator_error"' in answer.content.decode()


def test_an_action_with_a_page_of_its_own_leads_there(world, page):
    assert page(world.olga).post(address("import-customers", "dialog"))["HX-Redirect"] == "/customers/import"


def test_a_new_customer_is_made_after_its_preview_and_opened(world, page):
    client = page(world.olga)
    fields = {
        "name": "Fabrikam",
        "account_number": "F-1",
        "services": "SDWAN",
        "edge_authentication": "CERTIFICATE_OPTIONAL",
    }
    shown = client.post(address("new-customer", "preview"), fields)
    assert "1 will be made" in text(shown)
    assert not Customer.objects.filter(name="Fabrikam").exists()
    answer = client.post(address("new-customer"), carried(shown))
    assert answer["HX-Redirect"] == f"/customers/{Customer.objects.get(name='Fabrikam').pk}"


def test_a_name_that_is_taken_is_said_beside_the_name(world, page):
    fields = {
        "name": "CONTOSO",
        "account_number": "F-1",
        "services": "SDWAN",
        "edge_authentication": "CERTIFICATE_OPTIONAL",
    }
    answer = page(world.olga).post(address("new-customer", "preview"), fields)
    assert answer.status_code == 409
    assert re.search(r'id="id_name_error"><div>[^<]*has this name', answer.content.decode())
    assert re.search(r'name="account_number" value="F-1"', answer.content.decode())


def test_ticked_customers_that_are_gone_are_told_and_left_out(world, page):
    gone = world.customer("Gone", deleted_at=timezone.now())
    client = page(world.olga)
    answer = client.post(address("update-customer-alerts", "dialog"), {"select": selected([world.contoso, gone])})
    assert "1 of the selected customers is not there any more. It is left out." in text(answer)
    assert "Contoso" in text(answer)
    alone = client.post(address("update-customer-alerts", "dialog"), {"id": [world.contoso.pk]})
    assert "left out" not in text(alone)


def test_those_that_are_gone_are_shown_by_name_where_it_is_known(world, page):
    deleted = world.customer("Deleted <b>", partner=world.acme, deleted_at=timezone.now())
    foreign, purged = world.customer("Elsewhere", partner=world.zenith), world.customer("Purged", partner=world.acme)
    Customer.objects.filter(pk=purged.pk).delete()
    chosen = [world.contoso, deleted, foreign, purged]
    answer = page(world.pia).post(address("update-customer-alerts", "dialog"), {"select": selected(chosen)})
    assert "3 of the selected customers are not there any more. They are left out. Show them" in text(answer)
    assert "Show them Deleted <b> · deleted 2 others" in text(answer)
    assert "<b>" not in answer.content.decode()
    assert "Elsewhere" not in text(answer)
    nameless = page(world.pia).post(address("update-customer-alerts", "dialog"), {"id": [world.contoso.pk, foreign.pk]})
    assert "Show them Their names are not known any more." in text(nameless)
    crowd = world.customers(25, partner=world.acme, deleted_at=timezone.now())
    many = page(world.pia).post(address("update-customer-alerts", "dialog"), {"select": selected([*chosen, *crowd])})
    assert "28 of the selected" in text(many)
    assert "8 others" in text(many)
