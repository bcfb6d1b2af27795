"""Files over REST: the fixed addresses, who gets them, and what is refused before the first byte."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from bailiwick.models import Event
from tests.api.client import Script
from tests.engine.files import read
from tests.world import World

committed = pytest.mark.django_db(transaction=True)
CUSTOMERS = "/exports/customers.csv"


@committed
def test_the_files_come_with_their_names_and_one_event_each(world: World) -> None:
    olga = Script(world.olga)
    world.edges(world.contoso, 2)
    for path, name, event in (
        (CUSTOMERS, "customers", "EXPORT_CUSTOMERS"),
        ("/exports/edge-inventory.csv", "edge-inventory", "EXPORT_EDGE_INVENTORY"),
    ):
        answer = olga.get(f"{path}?separator=%3B")
        rows = read(answer.getvalue(), ";")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}-2')
        assert Event.objects.get(name=event).after == {"rows": len(rows) - 1, "separator": ";", "complete": True}


@committed
def test_the_choices_stand_in_the_address(world: World) -> None:
    world.customer("=1+1")
    olga = Script(world.olga)
    tabs = olga.get(f"{CUSTOMERS}?separator=%09&guard=0&bom=1").getvalue()
    assert tabs.startswith(b"\xef\xbb\xbf")
    head, *rows = read(tabs.removeprefix(b"\xef\xbb\xbf"), "\t")
    assert (head[0], {row[0] for row in rows}, len(rows)) == ("Customer", {"Contoso", "=1+1"}, 2)
    packed = olga.get(f"{CUSTOMERS}?compress=gzip")
    assert packed.headers["Content-Disposition"].endswith('.csv.gz"')
    head, *rows = read(gzip.decompress(packed.getvalue()))
    assert (head[0], {row[0] for row in rows}, len(rows)) == ("Customer", {"Contoso", "'=1+1"}, 2)


@committed
def test_a_file_of_the_view_takes_the_lists_own_parameters(world: World) -> None:
    world.customers(2, names=["Beta One", "Beta Two"])
    answer = Script(world.olga).get("/exports/view.csv?search=beta&sort=-name&columns=name,partner&separator=|")
    assert read(answer.getvalue(), "|") == [["Customer", "Partner"], ["Beta Two", ""], ["Beta One", ""]]


@committed
def test_a_file_of_a_selection_takes_its_ticket(world: World) -> None:
    olga = Script(world.olga)
    one, _two = world.customers(2)
    ticket = olga.post("/selections", {"ids": [one.pk]}).json()["ticket"]
    answer = olga.get(f"/exports/selection.csv?ticket={ticket}&columns=name")
    assert read(answer.getvalue()) == [["Customer"], [one.name]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("separator=ab", "separator"),
        ("separator=", "separator"),
        ("separator=%22", "separator"),
        ("separator=%00", "separator"),
        ("separator=%1F", "separator"),
        ("separator=a", "separator"),
        ("separator=%0D", "separator"),
        ("compress=zip", "compress"),
        ("nothing=1", "nothing"),
        ("guard=maybe", "formula_guard"),
    ],
)
def test_exp_04_a_choice_that_cannot_be_used_is_refused_before_the_first_byte(
    world: World, query: str, field: str
) -> None:
    answer = Script(world.olga).get(f"{CUSTOMERS}?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert list(answer.json()["errors"]) == [field]


def test_strangers_and_wrong_roles_get_no_file(world: World) -> None:
    assert Client().get(f"/api/v1{CUSTOMERS}").status_code == 401
    answer = Script(world.carla).get(CUSTOMERS)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Script(world.olga).post(CUSTOMERS).status_code == 405
    assert not Event.objects.filter(name__startswith="EXPORT_").exists()
