"""Export All Customers: one row for each customer of the portal, whatever is selected or filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from bailiwick.access.permissions import Permission
from bailiwick.engine.action import Export
from bailiwick.engine.exports.customer_table import customer_table

if TYPE_CHECKING:
    from bailiwick.access.actor import Actor
    from bailiwick.engine.exports.table import Table


class ExportAllCustomers(Export):
    """Downloads all customers as a file of separated values, whatever is selected. The file can be imported again."""

    label = gettext_lazy("Export All Customers")
    permission = Permission.CUSTOMER_EXPORT
    event = "EXPORT_CUSTOMERS"
    address = "/api/v1/exports/customers.csv"
    file = "customers"

    def table(self, actor: Actor) -> Table:
        """The columns of domain 13.2."""
        return customer_table(actor)
