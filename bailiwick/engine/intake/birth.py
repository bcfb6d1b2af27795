"""Making customers: all their rows, set-based, with normal forms and counters in place."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bailiwick.engine.insert import insert, next_ids
from bailiwick.models import Customer, CustomerDetail, CustomerSearch, CustomerStat
from bailiwick.models.text import name_key, search_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from django.db.models import Model


def bear(rows: Iterable[Mapping[str, Any]], *, now: datetime) -> list[Customer]:
    """Inserts customers from plain values (columns of Customer and CustomerDetail), five statements for any number.

    Must run in the caller's transaction. Raises IntegrityError where a name, account number or domain is taken.
    """
    rows = list(rows)
    ids = next_ids(Customer, len(rows)) if rows else []
    customers = [_customer(pk, row, now) for pk, row in zip(ids, rows, strict=True)]
    owners = [{"customer_id": each["id"], "partner_id": each["partner_id"]} for each in customers]
    insert(Customer, customers)
    insert(CustomerDetail, [_known(CustomerDetail, row) | owner for row, owner in zip(rows, owners, strict=True)])
    insert(CustomerStat, [_defaults(CustomerStat) | {"modified_at": now} | owner for owner in owners])
    insert(CustomerSearch, [{"text": _search(row)} | owner for row, owner in zip(rows, owners, strict=True)])
    return [Customer.from_db("default", list(each), list(each.values())) for each in customers]


def _customer(pk: int, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return _known(Customer, row) | {
        "id": pk,
        "logical_id": uuid4(),
        "name_key": name_key(row["name"]),
        "account_key": name_key(row["account_number"]),
        "domain_key": name_key(row.get("domain", "")),
        "created_at": now,
        "updated_at": now,
    }


def _known(model: type[Model], row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of this table, those of the row and defaults for the others."""
    columns = _defaults(model)
    return columns | {name: value for name, value in row.items() if name in columns}


@cache
def _defaults(model: type[Model]) -> dict[str, Any]:
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


def _search(row: Mapping[str, Any]) -> str:
    parts = ("name", "account_number", "domain", "contact_name", "city")
    return search_text(*(row.get(part, "") for part in parts))
