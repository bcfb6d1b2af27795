"""The words that invented names are made of; no company, person or domain here exists."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


def _list(words: str, *, by: str = " ") -> list[str]:
    return words.split(by)


ONSETS = _list(
    "Ald Bren Calv Dorn Elm Fenn Garr Hald Ister Jor Kest Lund Marr Nord Orl Pell Quill Rosk Stell Tarn Ulver Vann Wex Yar "
    "Zell Ambr Corv Drav Eskil Farr Grend Hox Ivel Keld Lorr Mast Ness Osk Prim Rend Sark Thorn Umbr Varn Wyn"
)
ENDINGS = _list(
    "ach adale aric ater avik brook by ca dor ega el en ena enholt er eria ero eth field gard ham holm ia ida ien iko "
    "ingford is ita ley lund mark mere mont o on ora oven ow ria rix rona sted stow ton tra una vale via wick worth yra"
)
TRADES = _list(
    "Freight;Logistics;Foods;Bakeries;Dairy;Breweries;Pharmacies;Clinics;Diagnostics;Dental;Insurance;Savings Bank;Leasing;"
    "Hotels;Resorts;Restaurants;Textiles;Outfitters;Furniture;Home Stores;Supermarkets;Garden Centres;Energy;Solar;"
    "Wind Power;Utilities;Water;Mining;Steel;Castings;Machine Works;Robotics;Electronics;Semiconductors;Plastics;"
    "Chemicals;Paper Mills;Packaging;Printing;Publishing;Broadcasting;Cinemas;Schools;University;Research;Shipping;"
    "Ferries;Airports;Rail;Motors;Tyres;Car Rental;Construction;Cement;Timber;Real Estate;Facilities;Security;Legal;"
    "Accounting;Staffing;Travel;Telecom;Data Centres;Software;Games;Agriculture;Seeds;Fisheries;Optics;Instruments",
    by=";",
)
LEGAL_FORMS = {
    "DE": "GmbH",
    "AT": "GmbH",
    "CH": "AG",
    "FR": "SAS",
    "BE": "NV",
    "NL": "B.V.",
    "ES": "S.L.",
    "IT": "S.p.A.",
    "SE": "AB",
    "NO": "AS",
    "DK": "A/S",
    "FI": "Oy",
    "PL": "Sp. z o.o.",
    "CZ": "s.r.o.",
    "GB": "Ltd",
    "IE": "Ltd",
    "US": "Inc.",
    "CA": "Inc.",
    "MX": "S.A. de C.V.",
    "BR": "Ltda.",
    "AR": "S.A.",
    "CL": "S.A.",
    "CO": "S.A.S.",
    "AU": "Pty Ltd",
    "NZ": "Ltd",
    "IN": "Pvt Ltd",
    "SG": "Pte Ltd",
    "JP": "K.K.",
    "ZA": "Pty Ltd",
    "TR": "A.Ş.",
}
FIRST_NAMES = _list(
    "Ada Aino Amara Anselm Beatriz Björn Camila Chidi Dagny Danilo Elif Emeka Esra Farid Fiona Goran Hana Hugo Ines Ivo "
    "Jana Jonas Kaito Karin Lale Leif Lucía Mateo Mei Milan Nadia Noor Olek Pilar Priya Quentin Ravi Rosa Sanne Selma "
    "Tariq Tove Uma Viktor Wanda Xenia Yara Yusuf Zoë Łukasz"
)
LAST_NAMES = _list(
    "Abelsen Achterberg Adeyemi Aldana Bakker Barros Bellweather Castellan Çelik Dahlgren Demirel Eklund Falkner Fontaine "
    "Garrido Grönberg Haddad Hartwell Iversen Jankowski Kaplan Kinsella Kovač Lindqvist Lombardi Marchetti Mbeki Nakagawa "
    "Novotná Okafor Olsen Petrov Quist Rahman Rosenthal Sandoval Schreiber Takeda Tran Ulrich Vasquez Verhoeven Wójcik "
    "Yamamoto Zeller Östberg"
)
STREETS = _list(
    "Harbour Road;Mill Lane;Station Square;Foundry Street;Canal Side;Orchard Avenue;Market Street;Observatory Hill;"
    "Lighthouse Way;Quarry Road;Linden Street;Park Row;Weavers Yard;Old Bridge Street;Exchange Place;Granary Wharf",
    by=";",
)
# Names that have broken portals: right to left, emoji with a joiner, formula starts, markup, quotes, very long, one letter.
AWKWARD_NAMES = (
    "شركة النخيل للتوزيع",
    "מאפיות הגליל הירוק",
    "東雲精密機械",
    "Ελαιώνες Κεφαλά",
    "🚜 Ostra Farm Machines 👩‍🌾",
    "=SUM Analytics",
    "+One Staffing",
    "@Work Facilities",
    'O\'Dunmore & Daughters "Fine" Foods',
    "<b>Boldwick</b> Print & Sign",
    "Semi;Colon, Comma & Tab Typesetters",
    "Łódka Żeglarska Sp. z o.o.",
    "İstral Gıda Sanayi A.Ş.",
    "Ü",
    "null",
    "Llanfair" + "gogerych" * 30 + "wyrndro",
    ("The Amalgamated Society of Makers, Menders and Movers of Musical Instruments of the Lower Valley " * 3)[
        :255
    ].strip(),
)


def company_name(chance: Random, country: str) -> str:
    """An invented company: a coined word, mostly a trade, sometimes the legal form of its country."""
    coined = chance.choice(ONSETS) + chance.choice(ENDINGS)
    if chance.random() < 0.1:
        coined = f"{coined} & {chance.choice(LAST_NAMES)}"
    parts = [coined]
    if chance.random() < 0.92:
        parts.append(chance.choice(TRADES))
    if chance.random() < 0.35:
        parts.append(LEGAL_FORMS.get(country, "Group"))
    return " ".join(parts)


def person(chance: Random) -> tuple[str, str]:
    """An invented first and last name."""
    return chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)


def slug(text: str) -> str:
    """ASCII letters and digits joined by hyphens, as in a host name; may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(mark if mark.isalnum() else " " for mark in plain).split())[:50].strip("-")
