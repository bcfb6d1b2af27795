"""System settings of a customer: sections that save on their own; two operators at once lose nothing."""

from __future__ import annotations

import html
import json
import re

import pytest

from bailiwick.models import Customer, Event, Job
from tests.web.conftest import signed_in

CONTACT = {"contact_name": "", "contact_email": "", "contact_phone": "", "contact_mobile": ""}


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def address(customer):
    return f"/customers/{customer.pk}/settings"


def form(client, customer, section):
    """The fields of a section as a browser would post them back, untouched."""
    shown = client.get(address(customer)).content.decode()
    part = shown.split(f'id="section-{section}"')[1].split("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", part):
        name = re.search(r'name="([^"]*)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        if 'type="checkbox"' in tag:
            if " checked" in tag:
                fields.setdefault(name, []).append(value[1] if value else "on")
        else:
            fields[name] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', part, re.DOTALL):
        fields[name] = html.unescape(body).lstrip("\r\n")
    for name, body in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', part, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        fields[name] = html.unescape(chosen[1]) if chosen else ""
    return fields


def test_customer_support_reads_every_setting_and_changes_none(world, page):
    shown = signed_in(world.sam).get(address(world.contoso))
    assert (shown.status_code, shown.content.count(b'id="section-')) == (200, 0)
    read = text(shown)
    assert "Company name Contoso" in read
    assert "Operator support access on" in read
    assert "Operator profile 5.2 stable" in read
    assert page(world.sam).post(address(world.contoso), {"section": "contact"}).status_code == 403


def test_a_customers_user_does_not_read_what_is_the_operators_own(world):
    rita = world.user(
        "rita@contoso.example", "customer", "customer-readonly", customer=world.contoso, partner=world.acme
    )
    read = text(signed_in(rita).get(address(world.contoso)))
    assert "Company name Contoso" in read
    assert "Pre-notifications" not in read
    assert "Account number" not in read


def test_another_portals_customer_cannot_be_changed(world, page):
    fields = {"section": "contact", "contact_name": "Mallory", "version": 1, "base": "{}"}
    assert page(world.stranger).post(address(world.contoso), fields).status_code == 404
    assert not Job.objects.exists()


def test_mod01_modify_opens_the_system_settings_of_the_one_selected_customer(world, page):
    fields = {"select": json.dumps({"ids": [world.contoso.pk]})}
    answer = page(world.olga).post("/actions/modify-customer/dialog", fields)
    assert answer["HX-Redirect"] == address(world.contoso)
    shown = text(signed_in(world.olga).get(address(world.contoso)))
    assert "You are in Contoso as" in shown
    for heading in ("General", "Contact", "Address", "Privacy and delegations"):
        assert heading in shown


def test_modify_takes_one_customer_only(world, page):
    fields = {"select": json.dumps({"ids": [customer.pk for customer in world.customers(2)]})}
    answer = page(world.olga).post("/actions/modify-customer/dialog", fields)
    assert (answer.status_code, "Select one customer only." in text(answer)) == (422, True)
    menu = page(world.olga).get("/actions/menu?count=2").content.decode()
    assert 'title="Takes one customer; 2 are selected."' in menu


def test_a_business_specialist_gets_forms_for_what_he_may_change_and_reads_the_rest(world):
    shown = signed_in(world.bea).get(address(world.contoso))
    assert b'id="section-contact"' in shown.content
    assert b'id="section-privacy"' not in shown.content
    assert "Privacy and delegations to read Operator support access on" in text(shown)


def test_one_section_saves_only_what_was_changed_in_it(world, page):
    client = page(world.olga)
    fields = {**form(client, world.contoso, "contact"), "contact_name": "Ann Example"}
    answer = client.post(address(world.contoso), fields)
    assert answer.status_code == 200
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "Saved."
    job = Job.objects.get()
    assert job.params == {"contact_name": "Ann Example", "version": 1}
    assert Event.objects.get(job_id=job.pk).after == {"contact_name": "Ann Example"}


@pytest.mark.parametrize(
    "section", ["general", "contact", "address", "shipping", "security", "privacy", "service", "alerts"]
)
def test_a_section_that_comes_back_untouched_changes_nothing(world, page, section):
    client = page(world.olga)
    answer = client.post(address(world.contoso), form(client, world.contoso, section))
    assert answer.status_code == 200
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "Nothing was different."
    assert not Job.objects.exists()


def test_a_switch_that_is_turned_off_is_a_change(world, page):
    client = page(world.olga)
    fields = form(client, world.contoso, "alerts")
    del fields["alerts_enabled"]
    client.post(address(world.contoso), fields)
    assert Job.objects.get().params == {"alerts_enabled": False, "version": 1}
    assert not Customer.objects.get(pk=world.contoso.pk).alerts_enabled


def test_an_error_stands_beside_its_field_and_keeps_what_was_typed(world, page):
    client = page(world.olga)
    fields = {**form(client, world.contoso, "contact"), "contact_email": "no address", "contact_name": "Ann"}
    answer = client.post(address(world.contoso), fields)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="no address"' in shown
    assert 'value="Ann"' in shown
    assert re.search(r'name="contact_email"[^>]*aria-invalid="true"', shown)
    assert not Job.objects.exists()


def test_a_name_that_is_taken_is_said_beside_the_name(world, page):
    world.customer("Fabrikam")
    client = page(world.olga)
    answer = client.post(address(world.contoso), {**form(client, world.contoso, "general"), "name": "FABRIKAM"})
    assert answer.status_code == 409
    assert re.search(r'name="name"[^>]*aria-invalid="true"', answer.content.decode())
    assert Customer.objects.get(pk=world.contoso.pk).name == "Contoso"


def test_mod10_the_second_of_two_operators_sees_the_firsts_change_beside_his_own(world, page):
    olga, stan = page(world.olga), page(world.stan)
    late = {**form(stan, world.contoso, "contact"), "contact_name": "Second", "contact_phone": "+1 555 2"}
    first = {**form(olga, world.contoso, "contact"), "contact_name": "First", "contact_mobile": "+1 555 1"}
    assert olga.post(address(world.contoso), first).status_code == 200
    answer = stan.post(address(world.contoso), late)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing was saved." in shown
    name = shown.split('data-field="contact_name"')[1].split("</div></div>")[0]
    assert world.olga.email in name
    assert "First" in name
    assert "Take mine" in name
    assert "Take theirs" in name
    assert re.search(r'name="contact_name" value="Second"', shown)
    assert re.search(r'name="contact_mobile" value="\+1 555 1"', shown)
    assert Customer.objects.get(pk=world.contoso.pk).detail.contact_name == "First"


def test_mod10_after_looking_at_it_the_second_may_keep_his(world, page):
    olga, stan = page(world.olga), page(world.stan)
    late = {**form(stan, world.contoso, "contact"), "contact_name": "Second"}
    olga.post(address(world.contoso), {**form(olga, world.contoso, "contact"), "contact_name": "First"})
    refused = stan.post(address(world.contoso), late).content.decode()
    hidden = ("version", "base")
    again = {name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', refused)[1]) for name in hidden}
    assert stan.post(address(world.contoso), {**late, **again}).status_code == 200
    assert Customer.objects.get(pk=world.contoso.pk).detail.contact_name == "Second"


def test_a_section_opened_before_another_section_was_saved_still_refuses_a_collision(world, page):
    """The page raises the version of its other sections after a save: the fields themselves are compared too."""
    olga, stan = page(world.olga), page(world.stan)
    late = {**form(stan, world.contoso, "contact"), "contact_name": "Second"}
    olga.post(address(world.contoso), {**form(olga, world.contoso, "contact"), "contact_name": "First"})
    late["version"] = Customer.objects.get(pk=world.contoso.pk).version
    assert stan.post(address(world.contoso), late).status_code == 409
    assert Customer.objects.get(pk=world.contoso.pk).detail.contact_name == "First"


@pytest.mark.parametrize("base", ["", "{", "[]", '{"contact_name": {"a": 1}}', '{"contact_name": ["x"]}'])
@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 60])
def test_whatever_is_posted_as_base_and_version_is_no_error_of_ours(world, page, base, version):
    fields = {"section": "contact", **CONTACT, "contact_name": "Ann", "base": base, "version": version}
    assert page(world.olga).post(address(world.contoso), fields).status_code in (200, 409, 422)


def test_an_unknown_section_is_not_found(world, page):
    assert page(world.olga).post(address(world.contoso), {"section": "no-such"}).status_code == 404


def test_it_saves_without_scripts_too(world):
    client = signed_in(world.olga)
    fields = {**form(client, world.contoso, "contact"), "contact_name": "Ann"}
    answer = client.post(address(world.contoso), fields)
    assert (answer.status_code, answer["Location"]) == (302, address(world.contoso))
    refused = client.post(address(world.contoso), {**fields, "contact_email": "x"})
    assert refused.status_code in (409, 422)
    assert "<main" in refused.content.decode()


def test_mod09_who_could_not_sign_in_is_named_before_anybody_saves(world):
    world.contoso.operator_user_management = True
    world.contoso.save()
    shown = text(signed_in(world.olga).get(address(world.contoso)))
    assert "carla@contoso.example has no mobile number and could not sign in with a second factor." in shown
    world.contoso.detail.two_factor_required = True
    world.contoso.detail.save()
    assert "has no mobile number" not in text(signed_in(world.olga).get(address(world.contoso)))
