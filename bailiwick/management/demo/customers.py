"""The invented customers: identity, owner and flags, address and contacts, search text, and how many edges each has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bailiwick.management.demo.load import Row, copy_rows, reserve_ids
from bailiwick.management.demo.network import Network, logical_id, place
from bailiwick.management.demo.words import AWKWARD_NAMES, company_name, slug
from bailiwick.models.text import name_key, search_text

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from django.db.backends.utils import CursorWrapper

    from bailiwick.management.demo.places import Atlas, City

DIRECT_SHARE = 0.58
NO_DOMAIN_SHARE = 0.07
REGIONAL_SHARE = 0.9
OLDEST_DAYS = 1500
LOCALES = {"DE": "de", "AT": "de", "FR": "fr", "ES": "es", "MX": "es", "CO": "es", "IT": "it", "JP": "ja", "BR": "pt"}


@dataclass(frozen=True, slots=True)
class Made:
    """What edges and events need to know of a customer."""

    id: int
    name: str
    partner_id: int | None
    partner_access: bool
    city: City
    created_at: datetime
    version: str
    alerts_enabled: bool
    operator_alerts_enabled: bool


def load_customers(
    cursor: CursorWrapper, chance: Random, atlas: Atlas, network: Network, *, count: int, now: datetime
) -> list[Made]:
    """Writes the customers with their details, search texts and counters of nothing yet."""
    names = _Names(chance, count)
    made, customers, details, searches, stats, confirmed = [], [], [], [], [], []
    for position, customer_id in enumerate(reserve_ids(cursor, "customer", count)):
        city = atlas.any_city(chance)
        name, domain = names.next(city)
        account = f"{city.country}-{100_000 + position * 7}"
        identity = {"id": customer_id, "name": name, "domain": domain, "account_number": account}
        customer = _customer(identity, chance, network, city=city, now=now)
        detail = _detail(customer, chance, city)
        parts = (name, customer["account_number"], domain, detail["contact_name"], city.name)
        owner = {"customer_id": customer_id, "partner_id": customer["partner_id"]}
        customers.append(customer)
        details.append(detail)
        searches.append(owner | {"text": search_text(*parts)})
        stats.append(owner | dict.fromkeys(COUNTERS, 0) | {"modified_at": customer["updated_at"]})
        confirmed.append(owner | _confirmed(customer, detail["contact_email"]))
        made.append(_made(customer, city, network))
    for table, rows in (("customer", customers), ("customerdetail", details), ("customersearch", searches)):
        copy_rows(cursor, table, rows)
    copy_rows(cursor, "customerstat", stats)
    copy_rows(cursor, "confirmation", confirmed)
    return made


def _confirmed(customer: Row, email: str) -> Row:
    """Somebody followed the link: support mails can be tried at once. No link has such a hash."""
    then = dict.fromkeys(("created_at", "expires_at", "confirmed_at"), customer["created_at"])
    return {"email": email, "secret_hash": f"demo {customer['id']}", **then}


COUNTERS = ("edges", "edges_connected", "edges_degraded", "edges_down", "edges_unactivated", "status")


class _Names:
    """Names and domains that no other customer has; the awkward ones stand among the rest."""

    def __init__(self, chance: Random, count: int) -> None:
        self._chance = chance
        self._awkward = dict(
            zip(chance.sample(range(count), min(count, len(AWKWARD_NAMES))), AWKWARD_NAMES, strict=False)
        )
        self._position = 0
        self._keys: set[str] = set()
        self._domains: set[str] = set()

    def next(self, city: City) -> tuple[str, str]:
        name = self._awkward.get(self._position) or company_name(self._chance, city.country)
        self._position += 1
        while name_key(name) in self._keys:
            name = company_name(self._chance, city.country)
        self._keys.add(name_key(name))
        return name, self._domain(name)

    def _domain(self, name: str) -> str:
        label = slug(name)
        if not label or self._chance.random() < NO_DOMAIN_SHARE:
            return ""
        domain = f"{label}.example"
        if domain in self._domains:
            domain = f"{label}-{self._position}.example"
        self._domains.add(domain)
        return domain


def _customer(identity: Row, chance: Random, network: Network, *, city: City, now: datetime) -> Row:
    created = now - timedelta(days=OLDEST_DAYS * chance.random() ** 1.6, seconds=chance.random())
    partner = _partner(chance, network)
    pool = network.pool_of_region[city.region] if chance.random() < REGIONAL_SHARE else network.default_pool
    return identity | {
        "logical_id": logical_id(chance),
        "name_key": name_key(identity["name"]),
        "account_key": name_key(identity["account_number"]),
        "domain_key": name_key(identity["domain"]),
        "partner_id": partner,
        "gateway_pool_id": pool,
        "operator_profile_id": chance.choices(network.profiles, weights=network.profile_weights)[0],
        **_flags(chance, partner),
        "created_at": created,
        "updated_at": created + (now - created) * chance.random(),
        "deleted_at": None,
        "version": 1 + int(chance.expovariate(0.7)),
    }


def _partner(chance: Random, network: Network) -> int | None:
    if chance.random() < DIRECT_SHARE:
        return None
    weights = [1 / (rank + 1) for rank in range(len(network.partners))]
    return chance.choices(network.partners, weights=weights)[0]


def _flags(chance: Random, partner: int | None) -> Row:
    modes = ("CERTIFICATE_OPTIONAL", "CERTIFICATE_REQUIRED", "CERTIFICATE_DISABLED")
    return {
        "alerts_enabled": chance.random() < 0.82,
        "operator_alerts_enabled": chance.random() < 0.64,
        "edge_image_management": chance.random() < 0.33,
        "bastion_state": "UNCONFIGURED",
        "edge_authentication": chance.choices(modes, weights=(70, 22, 8))[0],
        "operator_access": chance.random() < 0.99,
        "partner_access": partner is not None and chance.random() < 0.85,
        "operator_user_management": chance.random() < 0.4,
    }


def _detail(customer: Row, chance: Random, city: City) -> Row:
    services = ["SDWAN"] + [service for service in ("CWS", "ZTNAD") if chance.random() < 0.12]
    empty_shipping = dict.fromkeys(SHIPPING, "")
    return (
        {"customer_id": customer["id"], "partner_id": customer["partner_id"]}
        | place(chance, city, customer["domain"])
        | {
            "description": f"Head office in {city.name}." if chance.random() < 0.3 else "",
            "timezone": city.timezone,
            "locale": LOCALES.get(city.country, "en"),
            "services": json.dumps(services),
            "shipping_same_as_location": True,
            **empty_shipping,
            "two_factor_enabled": chance.random() < 0.35,
            "two_factor_required": False,
            "self_service_password_reset": chance.random() < 0.9,
            "pci_compliance": chance.random() < 0.15,
            "operator_sees_sensitive_data": chance.random() < 0.2,
            "partner_sees_sensitive_data": False,
            "edge_configuration_updates": True,
            "edge_configuration_updates_on_upgrade": True,
        }
    )


SHIPPING = tuple(
    f"shipping_{part}" for part in ("contact_name", "street", "street_2", "city", "state", "postcode", "country")
)


def _made(customer: Row, city: City, network: Network) -> Made:
    return Made(
        id=customer["id"],
        name=customer["name"],
        partner_id=customer["partner_id"],
        partner_access=customer["partner_access"],
        city=city,
        created_at=customer["created_at"],
        version=network.version_of_profile[customer["operator_profile_id"]],
        alerts_enabled=customer["alerts_enabled"],
        operator_alerts_enabled=customer["operator_alerts_enabled"],
    )
