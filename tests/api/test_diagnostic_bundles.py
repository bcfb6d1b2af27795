"""Diagnostic bundles over REST and on the page: who may ask, what PCI compliance refuses (MOD-04), who gets a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bailiwick.fleet.diagnostics import asking, files
from bailiwick.models import ActivationState, Customer, CustomerDetail, DiagnosticBundle, Edge, Event
from tests.api.client import Script
from tests.web.conftest import signed_in
from tests.world import World

PLAIN, CAPTURE = {"kind": "plain"}, {"kind": "capture", "interface": "eth0", "seconds": 5}


@pytest.fixture
def edge(world: World) -> Edge:
    found = world.edges(world.contoso)[0]
    Edge.objects.filter(pk=found.pk).update(activation_state=ActivationState.ACTIVATED)
    return found


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def complete(world: World, edge: Edge, home: Path) -> DiagnosticBundle:
    row = asking.request(world.actor(world.olga), edge.pk, {**PLAIN, "interface": "", "seconds": 0}, now=timezone.now())
    files.write(home, row.logical_id, 0, b"<script>")
    DiagnosticBundle.objects.filter(pk=row.pk).update(state="complete", size=8)
    return row


def path(edge: Edge) -> str:
    return f"/edges/{edge.pk}/diagnostic-bundles"


def test_nobody_without_the_right_asks(world: World, edge: Edge) -> None:
    assert Client().get(f"/api/v1{path(edge)}").status_code == 401
    assert Script(world.bea).post(path(edge), PLAIN).status_code == 403
    assert Script(world.bea).get(path(edge)).status_code == 403
    assert Script(world.stranger).post(path(edge), PLAIN).status_code == 404
    assert not DiagnosticBundle.objects.exists()


@pytest.mark.parametrize("who", ["olga", "stan", "sam", "pia", "carla"])
def test_whoever_looks_after_edges_asks(world: World, edge: Edge, who: str) -> None:
    script = Script(getattr(world, who))
    made = script.post(path(edge), PLAIN)
    assert (made.status_code, made.json()["state"]) == (201, "requested")
    assert script.get(path(edge)).json()["data"] == [made.json()]
    assert script.get(made["Location"].removeprefix("/api/v1")).json() == made.json()
    assert script.ask("DELETE", f"/diagnostic-bundles/{made.json()['id']}").status_code == 204
    assert [event.name for event in Event.objects.order_by("pk")][-2:] == [asking.REQUESTED, asking.DELETED]


def test_mod04_under_pci_compliance_a_capture_is_refused_and_a_plain_bundle_is_not(world: World, edge: Edge) -> None:
    CustomerDetail.objects.filter(pk=world.contoso.pk).update(pci_compliance=True)
    script, browser = Script(world.olga), signed_in(world.olga)
    answer = script.post(path(edge), CAPTURE)
    assert (answer.status_code, answer.json()["code"]) == (409, "pci_compliance")
    page = f"/customers/{world.contoso.pk}/edges/{edge.pk}/diagnostics"
    assert b"packet captures are refused" in browser.get(page).content
    refused = browser.post(page, CAPTURE)
    assert (refused.status_code, b"enforces PCI compliance" in refused.content) == (422, True)
    assert not DiagnosticBundle.objects.exists()
    assert script.post(path(edge), PLAIN).status_code == 201


def test_without_it_a_capture_is_asked_for(world: World, edge: Edge) -> None:
    made = Script(world.olga).post(path(edge), CAPTURE).json()
    assert (made["kind"], made["interface"], made["seconds"]) == ("capture", "eth0", 5)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "capture"}, "interface"), ({"kind": "capture", "interface": "eth0"}, "seconds"),
        ({"kind": "capture", "interface": "eth0", "seconds": 121}, "seconds"), ({"kind": "everything"}, "kind"),
        ({**PLAIN, "path": "/etc/shadow"}, "path"), ({}, "kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_said_beside_its_field(world: World, edge: Edge, body: Any, field: str) -> None:
    answer = Script(world.olga).post(path(edge), body)
    assert answer.status_code == 422
    assert field in answer.json()["errors"]


def test_an_edge_is_asked_for_one_at_a_time_and_only_when_it_is_activated(world: World, edge: Edge) -> None:
    script = Script(world.olga)
    assert script.post(path(edge), PLAIN).status_code == 201
    assert script.post(path(edge), PLAIN).json()["code"] == "bundle_open"
    idle = world.edges(world.contoso)[0]
    assert script.post(path(idle), PLAIN).json()["code"] == "not_activated"


def test_a_customer_has_so_many_files_and_no_more(world: World, edge: Edge, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(asking, "MOST", 1)
    complete(world, edge, home)
    assert Script(world.olga).post(path(edge), PLAIN).json()["code"] == "too_many"


def test_the_file_is_saved_never_opened_and_who_took_it_stands_in_the_log(world: World, edge: Edge, home: Path) -> None:
    row = complete(world, edge, home)
    pages = {
        "page": signed_in(world.sam).get(f"/customers/{world.contoso.pk}/edges/{edge.pk}/diagnostics/{row.pk}/file"),
        "script": Script(world.carla).get(f"/diagnostic-bundles/{row.pk}/file"),
    }
    for answer in pages.values():
        assert answer.getvalue() == b"<script>"
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == f'attachment; filename="edge-{edge.pk}-bundle-{row.pk}.tar.gz"'
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert Event.objects.filter(name=asking.DOWNLOADED).count() == 2


def test_others_get_neither_the_file_nor_whether_there_is_one(world: World, edge: Edge, home: Path) -> None:
    row = complete(world, edge, home)
    script = Script(world.stranger)
    for number in (row.pk, row.pk + 100):
        for name in (f"/diagnostic-bundles/{number}", f"/diagnostic-bundles/{number}/file"):
            assert script.get(name).status_code == 404
        assert script.ask("DELETE", f"/diagnostic-bundles/{number}").status_code == 404
    Customer.objects.filter(pk=world.contoso.pk).update(operator_access=False)
    assert Script(world.olga).get(f"/diagnostic-bundles/{row.pk}/file").status_code == 404
    assert Script(world.carla).get(f"/diagnostic-bundles/{row.pk}/file").status_code == 200


def test_the_page_shows_them_and_deletes_one(
    world: World, edge: Edge, home: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row, browser = complete(world, edge, home), signed_in(world.carla)
    address = f"/customers/{world.contoso.pk}/edges/{edge.pk}/diagnostics"
    shown = browser.get(address).content.decode()
    assert "Complete" in shown
    assert f"{address}/{row.pk}/file" in shown
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(f"{address}/{row.pk}/delete").status_code == 302
    assert "not asked for a bundle yet" in browser.get(address).content.decode()
    assert not list(home.glob("diagnostics/*"))
    assert signed_in(world.bea).get(address).status_code == 403
