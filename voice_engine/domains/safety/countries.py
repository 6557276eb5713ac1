"""The countries that can be called: one table for number checks, the trial's reach and the list that clients read.

Dial codes: ITU-T E.164, list of assigned country codes. Emergency numbers: 112 in all of Europe (Directive (EU)
2018/1972, article 109), the national ones as the European Commission's and each regulator's pages list them, 911
and 988 for North America (47 CFR 9.4 and 52.200). A number that people dial in an emergency is listed even where
another replaced it: refusing one too many costs nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Area(Enum):
    """What counts as one's own region for a trial account."""

    NORTH_AMERICA = "north_america"
    EUROPE = "europe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country whose numbers may be dialled.

    Attributes:
        code: ISO 3166-1 alpha-2.
        name: English short name.
        dial_code: with its plus sign.
        emergency_numbers: as dialled inside the country, the common one first.
    """

    code: str
    name: str
    dial_code: str
    area: Area
    emergency_numbers: tuple[str, ...]


_TABLE = """
US North_America +1   911 988 112       United States
CA North_America +1   911 988 112       Canada
AT Europe +43  112 122 133 144 140 141  Austria
BE Europe +32  112 100 101              Belgium
BG Europe +359 112 150 160 166          Bulgaria
HR Europe +385 112 192 193 194 195      Croatia
CY Europe +357 112 199                  Cyprus
CZ Europe +420 112 150 155 156 158      Czechia
DK Europe +45  112 114                  Denmark
EE Europe +372 112 110                  Estonia
FI Europe +358 112                      Finland
FR Europe +33  112 15 17 18 114 115 119 191 196 France
DE Europe +49  112 110                  Germany
GR Europe +30  112 100 108 166 199      Greece
HU Europe +36  112 104 105 107          Hungary
IS Europe +354 112                      Iceland
IE Europe +353 112 999                  Ireland
IT Europe +39  112 113 114 115 117 118 1515 1530 Italy
LV Europe +371 112 110 113 01 02 03     Latvia
LI Europe +423 112 117 118 144          Liechtenstein
LT Europe +370 112 01 02 03 011 022 033 Lithuania
LU Europe +352 112 113                  Luxembourg
MT Europe +356 112                      Malta
NL Europe +31  112                      Netherlands
NO Europe +47  112 110 113              Norway
PL Europe +48  112 997 998 999 986      Poland
PT Europe +351 112 115 117              Portugal
RO Europe +40  112                      Romania
SK Europe +421 112 150 155 158 159      Slovakia
SI Europe +386 112 113                  Slovenia
ES Europe +34  112 061 062 080 085 088 091 092 Spain
SE Europe +46  112 90000                Sweden
CH Europe +41  112 117 118 144 1414 1415 Switzerland
GB Europe +44  999 112 101 111          United Kingdom
"""


def _read(line: str) -> Country:
    code, area, dial_code, *rest = line.split()
    return Country(
        code=code,
        name=" ".join(word for word in rest if not word.isdigit()),
        dial_code=dial_code,
        area=Area(area.lower()),
        emergency_numbers=tuple(word for word in rest if word.isdigit()),
    )


COUNTRIES: Mapping[str, Country] = MappingProxyType(
    {country.code: country for country in map(_read, _TABLE.strip().splitlines())}
)
"""By ISO code: the United States, Canada, the United Kingdom, the EU's 27, Norway, Iceland, Liechtenstein and
Switzerland."""

_PARTS = {"AX": "FI", "SJ": "NO"}
"""ISO 3166 codes of their own inside another country's numbering plan and state: Åland, Svalbard and Jan Mayen."""


def country_of(region: str) -> Country | None:
    """The country that `region` (ISO 3166-1 alpha-2) is or belongs to; None when it cannot be called."""
    return COUNTRIES.get(_PARTS.get(region, region))


def countries_by_name() -> tuple[Country, ...]:
    """All of them, as a person looks for one."""
    return tuple(sorted(COUNTRIES.values(), key=lambda country: country.name))
