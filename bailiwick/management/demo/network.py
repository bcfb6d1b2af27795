"""What the invented provider runs: images, operator profiles, gateways in their pools, and its partners."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bailiwick.management.demo.load import Row, copy_rows, reserve_ids
from bailiwick.management.demo.places import REGIONS, Atlas, City, postcode
from bailiwick.management.demo.words import STREETS, person, slug
from bailiwick.models.text import name_key

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from django.db.backends.utils import CursorWrapper

IMAGES = (("4.5.2", True), ("5.2.4", False), ("6.1.1", False), ("6.4.0", False), ("6.4.1", False))
# With the profile that setup makes these are six: name, image version, share of the customers.
PROFILES = (
    ("Standard 6.1", "6.1.1", 48),
    ("Standard 6.4", "6.4.0", 22),
    ("Early adopters", "6.4.1", 6),
    ("Long-term support", "5.2.4", 17),
    ("Frozen until migration", "4.5.2", 3),
)
SITES = {
    "Europe": "ams Amsterdam NL;fra Frankfurt am Main DE;lon London GB;par Paris FR;mad Madrid ES;mil Milan IT;"
    "sto Stockholm SE;war Warsaw PL;vie Vienna AT;dub Dublin IE;zur Zürich CH;osl Oslo NO;lis Lisbon PT",
    "North America": "nyc New York City US;chi Chicago US;dal Dallas US;lax Los Angeles US;sea Seattle US;"
    "atl Atlanta US;mia Miami US;den Denver US;tor Toronto CA;van Vancouver CA",
    "Asia Pacific": "tyo Tokyo JP;sin Singapore SG;syd Sydney AU;mel Melbourne AU;bom Mumbai IN;maa Chennai IN;"
    "sel Seoul KR;akl Auckland NZ",
    "Latin America": "sao São Paulo BR;mex Mexico City MX;bog Bogotá CO;scl Santiago CL;bue Buenos Aires AR",
    "Middle East and Africa": "dxb Dubai AE;ist Istanbul TR;jnb Johannesburg ZA;nbo Nairobi KE",
}
UNUSUAL_STATES = {"osl": "QUIESCED", "den": "QUIESCED", "maa": "OUT_OF_SERVICE", "nbo": "PENDING_SERVICE"}
PARTNERS = (
    ("Northlane Managed Networks", "Amsterdam", "NL"),
    ("Corvara Connect", "Milan", "IT"),
    ("Baltic Lantern IT", "Stockholm", "SE"),
    ("Harrowgate Network Partners", "Manchester", "GB"),
    ("Prairie Loop Communications", "Chicago", "US"),
    ("Rheinwerk Netzbetrieb", "Köln", "DE"),
    ("Telenode Ibérica", "Madrid", "ES"),
    ("Bluegum Carrier Services", "Sydney", "AU"),
    ("Cordillera Enlaces", "Bogotá", "CO"),
    ("Maple Junction Systems", "Toronto", "CA"),
    ("Sakurada Link", "Tokyo", "JP"),
    ("Cape Meridian Telecoms", "Cape Town", "ZA"),
)


@dataclass(frozen=True, slots=True)
class Network:
    """The ids that customers refer to."""

    partners: range
    default_pool: int
    pool_of_region: dict[str, int]
    profiles: list[int]
    profile_weights: list[int]
    version_of_profile: dict[int, str]


def load_network(cursor: CursorWrapper, chance: Random, atlas: Atlas, *, now: datetime) -> Network:
    """Writes everything that customers refer to; setup has made the default pool and profile before."""
    cursor.execute("SELECT id FROM bailiwick_gatewaypool WHERE is_default")
    default_pool = cursor.fetchone()[0]
    pools = _load_pools(cursor, chance)
    _load_gateways(cursor, chance, atlas, pools=pools, default_pool=default_pool, now=now)
    profiles, versions = _load_profiles(cursor, chance)
    return Network(
        partners=_load_partners(cursor, chance, atlas, now=now),
        default_pool=default_pool,
        pool_of_region=pools,
        profiles=profiles,
        profile_weights=[share for _name, _version, share in PROFILES],
        version_of_profile=versions,
    )


def logical_id(chance: Random) -> uuid.UUID:
    """A version 4 UUID that is the same at every load."""
    return uuid.UUID(int=chance.getrandbits(128), version=4)


def _load_pools(cursor: CursorWrapper, chance: Random) -> dict[str, int]:
    ids = reserve_ids(cursor, "gatewaypool", len(REGIONS))
    rows = [_named(pool, chance, region) | {"is_default": False} for pool, region in zip(ids, REGIONS, strict=True)]
    copy_rows(cursor, "gatewaypool", rows)
    return dict(zip(REGIONS, ids, strict=True))


def _load_gateways(
    cursor: CursorWrapper, chance: Random, atlas: Atlas, *, pools: dict[str, int], default_pool: int, now: datetime
) -> None:
    sites = [(region, *_site(text)) for region, texts in SITES.items() for text in texts.split(";")]
    ids = reserve_ids(cursor, "gateway", len(sites))
    gateways, memberships = [], []
    for number, (gateway, (region, code, name, country)) in enumerate(zip(ids, sites, strict=True)):
        made = _gateway(gateway, chance, code=code, city=atlas.named(name, country), number=number)
        gateways.append(made | {"created_at": now, "quiesced_at": now if made["state"] == "QUIESCED" else None})
        memberships.append({"gateway_id": gateway, "gatewaypool_id": pools[region]})
    # The first two of each region serve whoever has no pool of his own.
    first = [gateway for gateway, site in zip(ids, sites, strict=True) if _rank(sites, site) < 2]
    memberships += [{"gateway_id": gateway, "gatewaypool_id": default_pool} for gateway in first]
    copy_rows(cursor, "gateway", gateways)
    copy_rows(cursor, "gateway_pools", memberships)


def _site(text: str) -> tuple[str, str, str]:
    code, rest = text.split(" ", 1)
    name, country = rest.rsplit(" ", 1)
    return code, name, country


def _rank(sites: list[tuple[str, str, str, str]], site: tuple[str, str, str, str]) -> int:
    return [other for other in sites if other[0] == site[0]].index(site)


def _gateway(gateway: int, chance: Random, *, code: str, city: City, number: int) -> Row:
    return _named(gateway, chance, f"gw-{code}-1") | {
        # The range kept for documentation: no such machine answers anywhere.
        "address": f"203.0.113.{number + 1}",
        "city": city.name,
        "country": city.country,
        "latitude": city.latitude,
        "longitude": city.longitude,
        "state": UNUSUAL_STATES.get(code, "IN_SERVICE"),
        "capacity": chance.choice((400, 600, 800, 1200)),
    }


def _load_profiles(cursor: CursorWrapper, chance: Random) -> tuple[list[int], dict[int, str]]:
    images = dict(
        zip((version for version, _old in IMAGES), reserve_ids(cursor, "softwareimage", len(IMAGES)), strict=True)
    )
    copy_rows(
        cursor,
        "softwareimage",
        [
            {
                "id": images[version],
                "logical_id": logical_id(chance),
                "name": "Edge software",
                "version": version,
                "deprecated": old,
            }
            for version, old in IMAGES
        ],
    )
    ids = reserve_ids(cursor, "operatorprofile", len(PROFILES))
    rows = [
        _named(profile, chance, name) | {"image_id": images[version]}
        for profile, (name, version, _share) in zip(ids, PROFILES, strict=True)
    ]
    copy_rows(cursor, "operatorprofile", rows)
    return list(ids), {profile: version for profile, (_name, version, _share) in zip(ids, PROFILES, strict=True)}


def _load_partners(cursor: CursorWrapper, chance: Random, atlas: Atlas, *, now: datetime) -> range:
    ids = reserve_ids(cursor, "partner", len(PARTNERS))
    rows = [
        _partner(partner, chance, name=name, city=atlas.named(city, country), now=now)
        for partner, (name, city, country) in zip(ids, PARTNERS, strict=True)
    ]
    copy_rows(cursor, "partner", rows)
    return ids


def _partner(partner: int, chance: Random, *, name: str, city: City, now: datetime) -> Row:
    created = now - timedelta(days=chance.randint(500, 1900))
    domain = f"{slug(name)}.example"
    return (
        _named(partner, chance, name)
        | place(chance, city, domain)
        | {
            "domain": domain,
            "description": f"Serves customers around {city.name}.",
            "operator_access": True,
            "operate_gateways": False,
            "edge_image_management": True,
            "two_factor_required": False,
            "created_at": created,
            "updated_at": created,
            "version": 1,
        }
    )


def place(chance: Random, city: City, domain: str) -> Row:
    """A postal address in that city and an invented person to reach there."""
    first, last = person(chance)
    return {
        "contact_name": f"{first} {last}",
        "contact_email": f"{slug(first)}.{slug(last)}@{domain or 'mail.example'}",
        "contact_phone": f"+{city.dialling} 555 {chance.randrange(10_000):04d}",
        "contact_mobile": f"+{city.dialling} 555 {chance.randrange(10_000):04d}" if chance.random() < 0.4 else "",
        "street": f"{chance.randint(1, 240)} {chance.choice(STREETS)}",
        "street_2": "",
        "city": city.name,
        "state": city.state,
        "postcode": postcode(chance, city.country),
        "country": city.country,
        "latitude": city.latitude,
        "longitude": city.longitude,
    }


def _named(row: int, chance: Random, name: str) -> Row:
    return {"id": row, "logical_id": logical_id(chance), "name": name, "name_key": name_key(name)}
