"""Where a script begins: every address of the index answers."""

from contextlib import closing

import pytest
from django.test import Client

from tests.api.client import Script
from tests.world import World

ROOT = "/api/v1"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["", "/"])
def test_the_index_names_documents_and_collections_that_can_be_read(address):
    script = Script(World().olga)
    found = script.get(address).json()
    assert {"customers", "jobs", "events", "actions"} <= found["collections"].keys()
    for each in found["collections"].values():
        if "selection.csv" not in each:  # it needs a ticket
            with closing(script.get(each.removeprefix(ROOT))) as answer:
                assert (each, answer.status_code) == (each, 200)
    assert script.get(found["documents"]["openapi"].removeprefix(ROOT)).json()["openapi"]


def test_a_stranger_learns_nothing_from_it(db):
    assert Client().get(ROOT).status_code == 401
