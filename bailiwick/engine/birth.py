"""Making customers: all their rows, set-based, with normal forms and counters in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bailiwick.models import Customer, CustomerDetail, CustomerSearch, CustomerStat
from bailiwick.models.text import name_key, search_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

HOT = {field.attname for field in Customer._meta.concrete_fields} - {"id", "logical_id"}
COLD = {field.attname for field in CustomerDetail._meta.concrete_fields} - {"customer_id", "partner_id"}


def bear(rows: Iterable[Mapping[str, Any]], *, now: datetime) -> list[Customer]:
    """Inserts customers from plain values (columns of Customer and CustomerDetail), four statements for any number.

    Must run in the caller's transaction. Raises IntegrityError where a name, account number or domain is taken.
    """
    rows = list(rows)
    customers = Customer.objects.bulk_create(_customer(row, now) for row in rows)
    pairs = list(zip(customers, rows, strict=True))
    CustomerDetail.objects.bulk_create(_detail(customer, row) for customer, row in pairs)
    CustomerStat.objects.bulk_create(CustomerStat(customer=c, partner_id=c.partner_id) for c in customers)
    CustomerSearch.objects.bulk_create(_search(customer, row) for customer, row in pairs)
    return customers


def _customer(row: Mapping[str, Any], now: datetime) -> Customer:
    keys = {
        "name_key": name_key(row["name"]),
        "account_key": name_key(row["account_number"]),
        "domain_key": name_key(row.get("domain", "")),
    }
    values = {name: value for name, value in row.items() if name in HOT}
    return Customer(**{**values, **keys, "created_at": now, "updated_at": now})


def _detail(customer: Customer, row: Mapping[str, Any]) -> CustomerDetail:
    values = {name: value for name, value in row.items() if name in COLD}
    return CustomerDetail(customer=customer, partner_id=customer.partner_id, **values)


def _search(customer: Customer, row: Mapping[str, Any]) -> CustomerSearch:
    text = search_text(
        customer.name, customer.account_number, customer.domain, row.get("contact_name", ""), row.get("city", "")
    )
    return CustomerSearch(customer=customer, partner_id=customer.partner_id, text=text)
