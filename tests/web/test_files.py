"""Files from the list: the view as it is shown, and what is selected."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from bailiwick.engine.exports.customer_table import VIEW_COLUMNS
from bailiwick.engine.exports.dialect import Dialect
from bailiwick.engine.exports.export import stream
from bailiwick.engine.exports.view_table import view_table
from bailiwick.web.customers.columns import COLUMNS
from tests.engine.files import read
from tests.web.conftest import signed_in
from tests.world import World

if TYPE_CHECKING:
    from django.http import HttpResponse


def file_of(page: HttpResponse) -> str:
    """Where the page leads for what it shows."""
    return unescape(re.search(r'href="([^"]*)" data-view-file', page.content.decode())[1])


@pytest.mark.django_db(transaction=True)
def test_every_column_of_the_list_can_stand_in_the_file(world: World) -> None:
    names = [column.name for column in COLUMNS]
    assert set(names) <= set(VIEW_COLUMNS)
    world.edges(world.contoso, 2)
    rows = read(b"".join(stream(view_table(world.actor(world.olga), {}, columns=names), Dialect())))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["State of Edges"], row["Edges Up"], row["Edge Configuration Updates"]) == ("up", "2", "true")


@pytest.mark.django_db(transaction=True)
def test_the_page_leads_to_a_file_of_what_it_shows(world: World) -> None:
    world.customers(2, names=["Beta One", "Beta Two"])
    olga = signed_in(world.olga)
    address = file_of(olga.get("/customers?search=beta&sort=-name&columns=partner"))
    assert read(olga.get(address).getvalue()) == [["Customer", "Partner"], ["Beta Two", ""], ["Beta One", ""]]


@pytest.mark.django_db(transaction=True)
def test_the_selection_leads_to_its_file_with_the_columns_of_the_view(world: World) -> None:
    one, _two = world.customers(2)
    olga = signed_in(world.olga)
    view = file_of(olga.get("/customers?columns=edges"))
    answer = olga.post("/customers/selection-file", {"select": json.dumps({"ids": [one.pk]}), "view": view})
    assert read(olga.get(answer.headers["HX-Redirect"]).getvalue()) == [["Customer", "Edges"], [one.name, "0"]]


def test_nothing_selected_is_said_and_wrong_roles_get_nothing(world: World) -> None:
    asked = {"select": json.dumps({"ids": [world.contoso.pk]})}
    assert signed_in(world.carla).post("/customers/selection-file", asked).status_code == 403
    assert signed_in(world.olga).post("/customers/selection-file", {"select": "x"}).status_code == 422
    assert Client().post("/customers/selection-file", asked).status_code == 302
