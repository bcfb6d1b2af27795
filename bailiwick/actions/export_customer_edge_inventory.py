"""Export Customer Edge Inventory: one row for each edge, an HA pair being one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from bailiwick.access.permissions import Permission
from bailiwick.access.scope import closed_customers_for, customers_for, edges_for
from bailiwick.engine.action import Export
from bailiwick.engine.exports.table import Column, Kind, Table

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from bailiwick.access.actor import Actor
    from bailiwick.models import Customer

COLUMNS = (
    Column("Customer", "customer__name"),
    Column("Customer ID", "customer_id", Kind.PLAIN),
    Column("Edge", "name"),
    Column("Edge ID", "id", Kind.PLAIN),
    Column("Created", "created_at", Kind.TIME),
    Column("Edge State", "state", Kind.PLAIN),
    Column("Serial Number", "serial_number"),
    Column("HA Serial Number", "ha_serial_number"),
    Column("Activation State", "activation_state", Kind.PLAIN),
    Column("Activation Time", "activated_at", Kind.TIME),
    Column("Model", "model"),
    Column("Software Version", "software_version"),
    Column("Software Updated", "software_updated_at", Kind.TIME),
    Column("Last Contact", "last_contact_at", Kind.TIME),
)


class ExportCustomerEdgeInventory(Export):
    """Downloads all edges of all customers as a file of separated values, whatever is selected."""

    label = gettext_lazy("Export Customer Edge Inventory")
    permission = Permission.EDGE_EXPORT
    event = "EXPORT_EDGE_INVENTORY"
    address = "/api/v1/exports/edge-inventory.csv"
    file = "edge-inventory"
    withheld = gettext_lazy("Gives no access: its edges are not in the file.")

    def table(self, actor: Actor) -> Table:
        """The fourteen columns of domain 13.3."""
        return Table(edges_for(actor), COLUMNS)

    def left_out(self, actor: Actor) -> QuerySet[Customer]:
        """Customers whose edges the actor may not see; a partner is not even told which of them have edges."""
        if actor.is_operator:
            return customers_for(actor).filter(operator_access=False, stat__edges__gt=0)
        return closed_customers_for(actor).filter(deleted_at=None)
