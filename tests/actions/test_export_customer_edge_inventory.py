"""Export Customer Edge Inventory (INV): one row an edge, fourteen columns, empty where nothing ever happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bailiwick.access.actor import NotAllowed
from bailiwick.actions import MENU
from bailiwick.engine.exports.export import download
from bailiwick.engine.preview import preview
from bailiwick.engine.progress import reasons
from bailiwick.engine.submit import submit
from bailiwick.models import ActivationState, Edge, EdgeState
from tests.engine.files import read, records
from tests.world import NOW, World

ACTION = MENU["export-customer-edge-inventory"]
committed = pytest.mark.django_db(transaction=True)
HEADINGS = [
    "Customer", "Customer ID", "Edge", "Edge ID", "Created", "Edge State", "Serial Number", "HA Serial Number",
    "Activation State", "Activation Time", "Model", "Software Version", "Software Updated", "Last Contact",
]  # fmt: skip


def example(world: World) -> dict[str, Any]:
    return {"separator": ";"}


@committed
def test_inv_01_the_file_has_the_fourteen_columns_in_order(world: World) -> None:
    [edge] = world.edges(world.contoso)
    moment = datetime(2026, 3, 1, 8, 30, 15, 999_999, tzinfo=UTC)
    Edge.objects.filter(pk=edge.pk).update(
        serial_number="VC1", model="-620", software_version="5.2.0", activation_state=ActivationState.ACTIVATED,
        activated_at=moment, software_updated_at=moment, last_contact_at=moment,
    )  # fmt: skip
    rows = read(b"".join(download(world.actor(world.olga), ACTION, raw={}, now=NOW).blocks))
    assert rows == [
        HEADINGS,
        ["Contoso", str(world.contoso.pk), edge.name, str(edge.pk), "2026-11-22T12:00:00Z", "CONNECTED", "VC1", "",
         "ACTIVATED", "2026-03-01T08:30:15Z", "'-620", "5.2.0", "2026-03-01T08:30:15Z", "2026-03-01T08:30:15Z"],
    ]  # fmt: skip


@committed
def test_inv_02_an_edge_never_activated_has_empty_times(world: World) -> None:
    world.edges(world.contoso, state=EdgeState.NEVER_ACTIVATED)
    [row] = records(world.actor(world.olga), ACTION)
    assert (row["Edge State"], row["Activation State"]) == ("NEVER_ACTIVATED", "PENDING")
    assert (row["Activation Time"], row["Software Updated"], row["Last Contact"]) == ("", "", "")


@committed
def test_inv_03_an_ha_pair_is_one_row_with_both_serials(world: World) -> None:
    [edge] = world.edges(world.contoso)
    Edge.objects.filter(pk=edge.pk).update(serial_number="VC1", ha_serial_number="VC2")
    [row] = records(world.actor(world.olga), ACTION)
    assert (row["Serial Number"], row["HA Serial Number"]) == ("VC1", "VC2")


@committed
@pytest.mark.parametrize("zero", [datetime(1, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])
def test_inv_04_a_zero_date_is_an_empty_cell(world: World, zero: datetime) -> None:
    [edge] = world.edges(world.contoso)
    Edge.objects.filter(pk=edge.pk).update(created_at=zero, activated_at=zero, last_contact_at=zero)
    [row] = records(world.actor(world.olga), ACTION)
    assert (row["Created"], row["Activation Time"], row["Last Contact"]) == ("", "", "")


@committed
def test_inv_05_a_customer_without_edges_gives_no_row(world: World) -> None:
    world.customers(2)
    world.edges(world.contoso, 2)
    assert {row["Customer"] for row in records(world.actor(world.olga), ACTION)} == {"Contoso"}


@committed
def test_inv_06_a_tab_makes_a_valid_tsv(world: World) -> None:
    world.edges(world.contoso, 2)
    rows = records(world.actor(world.olga), ACTION, separator="\t")
    assert [list(row) for row in rows] == [HEADINGS, HEADINGS]


@committed
def test_inv_07_edges_of_a_customer_that_withdrew_its_access_are_absent_and_counted(world: World) -> None:
    withdrawn = world.customer("Withdrawn", partner=world.acme, operator_access=False)
    world.edges(withdrawn, 3)
    world.edges(world.contoso, 2)
    olga, pia = world.actor(world.olga), world.actor(world.pia)
    shown = preview(olga, ACTION, select=None, raw={}, now=NOW)
    assert [(reason.code, reason.count) for reason in shown.reasons] == [("access_withdrawn", 1)]
    job = submit(olga, ACTION, raw={}, now=NOW)
    assert (job.changed, job.refused, job.result["rows"]) == (2, 1, 2)
    assert [(reason["code"], reason["count"]) for reason in reasons(job)] == [("access_withdrawn", 1)]
    assert {row["Customer"] for row in records(olga, ACTION)} == {"Contoso"}
    assert {row["Customer"] for row in records(pia, ACTION)} == {"Contoso", "Withdrawn"}


@committed
def test_a_stranger_gets_no_edge_and_a_customers_administrator_no_file(world: World) -> None:
    world.edges(world.contoso, 2)
    assert records(world.actor(world.stranger), ACTION) == []
    with pytest.raises(NotAllowed):
        download(world.actor(world.carla), ACTION, raw={}, now=NOW)
