"""The edges of a customer on their pages: made with a key that is shown once, given another device, ended."""

from __future__ import annotations

import re

import pytest

from bailiwick.fleet import keys
from bailiwick.models import ActivationKey, DeviceCertificate, Edge, Event, OutboxMessage
from bailiwick.outbox import text_of
from tests.device.caller import Caller
from tests.web.conftest import signed_in
from tests.world import World

KEY = re.compile(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}")


@pytest.fixture
def pages(world: World, settings, tmp_path) -> str:
    settings.HOME = tmp_path
    return f"/customers/{world.contoso.pk}/edges"


def made(world: World, pages: str, **values: str):
    olga = signed_in(world.olga)
    answer = olga.post(f"{pages}/new", {"name": "Lyon", "model": "edge510", **values})
    assert answer.status_code == 200, answer.content
    return olga, Edge.objects.get(), KEY.search(answer.content.decode())[0], answer


def test_a_new_edge_shows_its_key_once(world: World, pages: str) -> None:
    olga, edge, key, answer = made(world, pages, serial_number="VC1", city="Lyon", country="FR")
    assert (edge.name, edge.model, edge.serial_number, edge.country) == ("Lyon", "edge510", "VC1", "FR")
    assert (edge.state, edge.activation_state, edge.partner_id) == ("NEVER_ACTIVATED", "PENDING", world.acme.pk)
    assert ActivationKey.objects.get().key_hash == keys.hash_of(key)
    assert answer.headers["Cache-Control"] == "no-store"
    page = olga.get(f"{pages}/{edge.pk}").content.decode()
    assert key not in page
    assert "A key waits for its device" in page
    assert Event.objects.get(name="EDGE_PROVISION").after["serial_number"] == "VC1"
    assert "Lyon" in olga.get(pages).content.decode()


def test_a_name_that_is_taken_is_said_beside_its_field(world: World, pages: str) -> None:
    olga, *_made = made(world, pages)
    answer = olga.post(f"{pages}/new", {"name": "LYON", "model": "virtual"})
    assert answer.status_code == 422
    assert "Another edge of this customer has this name." in answer.content.decode()
    assert Edge.objects.count() == 1


def test_a_mailed_key_is_sealed_in_the_database_and_opens_the_edge(world: World, pages: str) -> None:
    olga, edge, first, _answer = made(world, pages)
    olga.post(f"{pages}/{edge.pk}/key/mail", {"email": "site@contoso.example"})
    mail = OutboxMessage.objects.get(payload__to="site@contoso.example")
    text = text_of(mail.payload)
    key = KEY.search(text)[0]
    assert f"/activate#{key}" in text
    assert key not in str(mail.payload)
    assert Event.objects.get(name="ACTIVATION_EMAIL").after == {"email": "site@contoso.example"}
    assert Caller().activate(first).json()["code"] == "key_cancelled"
    assert Caller().activate(key).status_code == 200


def test_the_link_has_the_address_of_the_operator_profile(world: World, pages: str, settings) -> None:
    settings.PUBLIC_URL = "https://portal.example:8080"
    world.profile.orchestrator_address = "2001:db8::1"
    world.profile.save()
    _olga, _edge, key, answer = made(world, pages)
    assert f"https://[2001:db8::1]:8080/activate#{key}" in answer.content.decode()


def test_another_device_takes_the_place_of_the_first(world: World, pages: str) -> None:
    olga, edge, key, _answer = made(world, pages)
    first, second = Caller("OLD"), Caller("NEW")
    assert first.activate(key).status_code == 200
    answer = olga.post(f"{pages}/{edge.pk}/reactivate", {"serial_number": "NEW", "model": ""})
    newer = KEY.search(answer.content.decode())[0]
    assert Edge.objects.get().activation_state == "REACTIVATION_PENDING"
    assert first.beat().status_code == 200  # it goes on until then
    assert Caller("OTHER").activate(newer).json()["code"] == "wrong_serial"
    assert second.activate(newer).status_code == 200
    assert first.beat().json()["code"] == "certificate_revoked"
    assert second.beat().status_code == 200
    row = Edge.objects.get()
    assert (row.activation_state, row.serial_number) == ("ACTIVATED", "NEW")
    assert DeviceCertificate.objects.filter(revoked_at=None).count() == 1
    assert Event.objects.filter(name="EDGE_REACTIVATION_REQ").exists()


def test_a_reactivation_that_is_cancelled_leaves_the_device_as_it_was(world: World, pages: str) -> None:
    olga, edge, key, _answer = made(world, pages)
    device = Caller()
    device.activate(key)
    newer = KEY.search(olga.post(f"{pages}/{edge.pk}/reactivate", {}).content.decode())[0]
    assert olga.post(f"{pages}/{edge.pk}/key/cancel").status_code == 302
    assert Edge.objects.get().activation_state == "ACTIVATED"
    assert Caller("NEW").activate(newer).json()["code"] == "key_cancelled"
    assert device.beat().status_code == 200
    assert Event.objects.filter(name="EDGE_CANCEL_REACTIVATION_REQ").exists()


def test_a_connected_edge_is_deactivated_before_it_is_deleted(world: World, pages: str) -> None:
    olga, edge, key, _answer = made(world, pages)
    device = Caller()
    device.activate(key)
    answer = olga.post(f"{pages}/{edge.pk}/delete")
    assert (answer.status_code, Edge.objects.count()) == (409, 1)
    assert "Deactivate it first" in answer.content.decode()
    assert olga.post(f"{pages}/{edge.pk}/deactivate").status_code == 302
    assert device.beat().json()["code"] == "certificate_revoked"
    assert olga.post(f"{pages}/{edge.pk}/delete").status_code == 302
    assert (Edge.objects.count(), ActivationKey.objects.count(), DeviceCertificate.objects.count()) == (0, 0, 0)
    assert device.beat().json()["code"] == "unknown_certificate"
    names = ["EDGE_DEACTIVATION", "DELETE_EDGE"]
    assert list(Event.objects.filter(name__in=names).order_by("pk").values_list("name", flat=True)) == names


def test_alerts_of_an_edge_are_its_own_and_pre_notifications_the_operators(world: World, pages: str) -> None:
    olga, edge, _key, _answer = made(world, pages)
    olga.post(f"{pages}/{edge.pk}/alerts", {"operator_alerts_enabled": "false"})
    row = Edge.objects.get()
    assert (row.alerts_enabled, row.operator_alerts_enabled) == (True, False)
    carla = signed_in(world.carla)
    assert carla.post(f"{pages}/{edge.pk}/alerts", {"operator_alerts_enabled": "true"}).status_code == 403
    assert carla.post(f"{pages}/{edge.pk}/alerts", {"alerts_enabled": "false"}).status_code == 302
    row = Edge.objects.get()
    assert (row.alerts_enabled, row.operator_alerts_enabled) == (False, False)


@pytest.mark.parametrize(
    ("who", "status"), [("sam", 403), ("bea", 403), ("stranger", 404), ("carla", 200), ("pia", 200)]
)
def test_who_may_make_an_edge(world: World, pages: str, who: str, status: int) -> None:
    answer = signed_in(getattr(world, who)).post(f"{pages}/new", {"name": "Oslo", "model": "virtual"})
    assert answer.status_code == status
    assert Edge.objects.count() == (1 if status == 200 else 0)


def test_an_edge_is_found_below_its_own_customer_only(world: World, pages: str) -> None:
    fabrikam = world.customer("Fabrikam", partner=world.zenith)
    foreign = world.edges(fabrikam)[0]
    olga = signed_in(world.olga)
    assert olga.get(f"{pages}/{foreign.pk}").status_code == 404
    assert olga.post(f"{pages}/{foreign.pk}/deactivate").status_code == 404
    assert signed_in(world.pia).get(f"/customers/{fabrikam.pk}/edges/{foreign.pk}").status_code == 404


def test_text_of_a_device_is_text_on_the_page(world: World, pages: str) -> None:
    olga, edge, key, _answer = made(world, pages)
    device = Caller("<img src=x onerror=alert(1)>")
    device.activate(key, model="<script>alert(1)</script>")
    device.beat(links=[{"name": "<b>wan</b>", "state": "STABLE"}])
    for address in (pages, f"{pages}/{edge.pk}"):
        page = olga.get(address).content.decode()
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>wan" not in page


def test_the_list_goes_on_after_fifty_and_finds_a_name(world: World, pages: str) -> None:
    world.edges(world.contoso, 60)
    olga = signed_in(world.olga)
    first = olga.get(pages).content.decode()
    assert first.count("<tr>") == 51
    address = re.search(r'href="([^"]+after=[^"]+)"', first)[1].replace("&amp;", "&")
    assert olga.get(address).content.decode().count("<tr>") == 11
    name = Edge.objects.order_by("-pk").first().name
    assert name in olga.get(pages, {"search": name.upper()}).content.decode()
    assert "No edge has this" in olga.get(pages, {"search": "nowhere"}).content.decode()


def test_the_page_behind_the_link_needs_no_account_and_never_gets_the_key(db, settings, tmp_path, client) -> None:
    settings.HOME = tmp_path
    answer = client.get("/activate")
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert settings.DEVICE_URL in answer.content.decode()


def test_the_dialog_makes_an_edge_and_shows_its_key_over_the_list(world: World, pages: str) -> None:
    olga = signed_in(world.olga)
    assert f'hx-get="{pages}/new"' in olga.get(pages).content.decode()
    htmx = {"HX-Request": "true", "HX-Target": "dialog"}
    form = olga.get(f"{pages}/new", headers=htmx).content.decode()
    assert form.startswith("<dialog")
    refused = olga.post(f"{pages}/new", {"name": "", "model": "virtual"}, headers=htmx)
    assert (refused.status_code, "This field is required" in refused.content.decode()) == (422, True)
    answer = olga.post(f"{pages}/new", {"name": "Lyon", "model": "virtual"}, headers=htmx)
    assert (answer.status_code, answer["HX-Trigger"], answer["Cache-Control"]) == (200, "edges-changed", "no-store")
    key = KEY.search(answer.content.decode())[0]
    assert f"{pages}/{Edge.objects.get().pk}" in answer.content.decode()
    assert Caller().activate(key).status_code == 200
    assert signed_in(world.sam).get(f"{pages}/new", headers=htmx).status_code == 403


def test_a_place_on_the_map_takes_both_degrees(world: World, pages: str) -> None:
    olga = signed_in(world.olga)
    given = {"name": "Lyon", "model": "virtual", "latitude": "45.76"}
    answer = olga.post(f"{pages}/new", given)
    assert (answer.status_code, "belong together" in answer.content.decode()) == (422, True)
    for longitude in ("181", "nan", "inf", "x"):
        assert olga.post(f"{pages}/new", {**given, "longitude": longitude}).status_code == 422
    assert olga.post(f"{pages}/new", {**given, "longitude": "4.84"}).status_code == 200
    edge = Edge.objects.get()
    assert (edge.latitude, edge.longitude) == (45.76, 4.84)
