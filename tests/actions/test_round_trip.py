"""A customers export comes back as it was, without a mapping, whatever the names and the separator."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bailiwick.actions import MENU
from bailiwick.engine.exports.export import download
from bailiwick.engine.intake import upload
from bailiwick.engine.intake.birth import bear
from bailiwick.engine.submit import submit
from bailiwick.models import Customer
from bailiwick.models.text import forbidden_character, name_key
from tests.world import NOW, World

COLUMNS = (
    "name", "account_number", "domain", "partner_id", "gateway_pool_id", "operator_profile_id", "alerts_enabled",
    "operator_alerts_enabled", "edge_image_management", "edge_authentication",
)  # fmt: skip
DETAILS = (
    "description", "contact_name", "contact_email", "contact_phone", "street", "city", "state", "postcode", "country",
    "latitude", "longitude", "timezone", "locale", "services",
)  # fmt: skip
HOSTILE = [
    "=1+1",
    "'=1",
    "' =x",
    "-",
    "@home",
    '"',
    '""',
    ",;|\t§",
    "'",
    "''",
    "１",
    "=",
    "+41",
    "a\nb",
    "0012",
    "1e5",
    "TRUE",
]


def fit(text: str, *, long: bool = False) -> str:
    """As a form would store it, or nothing."""
    stored = unicodedata.normalize("NFC", text).strip()
    return "" if forbidden_character(stored, long=long) or len(stored) > 60 else stored


line = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)).map(fit)
row = st.fixed_dictionaries(
    {
        "name": line.filter(name_key),
        "description": st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)).map(lambda text: fit(text, long=True)),
        "contact_name": line,
        "street": line,
        "city": line,
        "state": line,
        "postcode": line.map(lambda text: text[:30].strip()),
        "contact_email": st.sampled_from(["", "a@xn--mnchen-3ya.example", "o'neil@example.com"]),
        "contact_phone": st.sampled_from(["", "+41 44 000 00 00", "(0)44"]),
        "country": st.sampled_from(["", "CH", "US"]),
        "timezone": st.sampled_from(["UTC", "Europe/Zurich"]),
        "locale": st.sampled_from(["en", "de-CH"]),
        "latitude": st.one_of(st.none(), st.floats(-90, 90, allow_nan=False)),
        "longitude": st.one_of(st.none(), st.floats(-180, 180, allow_nan=False)),
        "services": st.sampled_from([["SDWAN"], ["SDWAN", "CWS"]]),
        "alerts_enabled": st.booleans(),
        "operator_alerts_enabled": st.booleans(),
        "edge_image_management": st.booleans(),
        "edge_authentication": st.sampled_from(["CERTIFICATE_DISABLED", "CERTIFICATE_REQUIRED"]),
    }
)


def facts() -> list[dict[str, Any]]:
    fields = (*COLUMNS, *(f"detail__{name}" for name in DETAILS))
    return list(Customer.objects.filter(deleted_at=None).order_by("account_key").values(*fields))


@pytest.mark.django_db(transaction=True)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(row, min_size=1, max_size=8, unique_by=lambda each: name_key(each["name"])),
    separator=st.sampled_from([",", ";", "\t", "|", "§", "~"]),
    bom=st.booleans(),
)
def test_an_export_imports_back_equal(world: World, rows: list[dict[str, Any]], separator: str, bom: bool) -> None:
    Customer.objects.filter(deleted_at=None).update(deleted_at=NOW)
    owner = {"gateway_pool_id": world.pool.pk, "operator_profile_id": world.profile.pk, "partner_id": world.acme.pk}
    bear(({"account_number": f"A-{n}", **each, **owner} for n, each in enumerate(rows)), now=NOW)
    before, olga = facts(), world.actor(world.olga)
    file = download(olga, MENU["export-all-customers"], raw={"separator": separator, "bom": bom}, now=NOW)
    content = b"".join(file.blocks)
    Customer.objects.filter(deleted_at=None).update(deleted_at=NOW)
    kept = upload.store(olga, file.name, content, now=NOW)
    job = submit(olga, MENU["import-customers"], raw={"file": str(kept.logical_id)}, now=NOW)
    assert (job.state, job.changed) == ("done", len(rows))
    assert facts() == before
