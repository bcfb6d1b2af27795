"""Update Edge Licences: what the contract suite needs; its rules are in tests/engine/test_licences.py."""

from __future__ import annotations

from typing import Any

from bailiwick.models import LicenceType, Partner, PartnerLicence
from tests.world import World


def example(world: World) -> dict[str, Any]:
    """A type that every partner may give."""
    row, _made = LicenceType.objects.get_or_create(
        name="E", name_key="e", edition="ENTERPRISE", bandwidth_mbps=100, region="EMEA", term_months=12
    )
    for partner in Partner.objects.all():
        PartnerLicence.objects.get_or_create(partner=partner, licence_type=row)
    return {"licences": [row.pk]}
