"""Invents the leads of the demo: people, companies, and what they did to be noticed.

The same `random.Random` invents the same people. Every address ends in .example and reaches nobody.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from string import ascii_uppercase
from typing import Any

Fields = dict[str, Any]
"""A lead as another system sends it: the fields of `POST /leads`."""

FIRST_NAMES = (
    *("Amara", "Anders", "Beatriz", "Callum", "Daniela", "Dmitri", "Elif", "Esther", "Farid", "Fiona"),
    *("Gabriel", "Hana", "Hugo", "Ines", "Isaac", "Jamila", "Johan", "Kenji", "Laila", "Leonie"),
    *("Marcus", "Mei", "Nadia", "Niall", "Olga", "Oscar", "Paloma", "Quentin", "Ravi", "Rosa"),
    *("Samuel", "Selma", "Tadeo", "Tessa", "Umar", "Valentina", "Victor", "Wanda", "Yara", "Zoran"),
)
LAST_NAMES = (
    *("Abara", "Bergström", "Castell", "Dunne", "Eriksen", "Fontana", "Gruber", "Haas", "Ivanova", "Jung"),
    *("Kowalski", "Lindgren", "Mbeki", "Novak", "Okonkwo", "Pereira", "Quist", "Ricci", "Sato", "Torres"),
    *("Ueda", "Varga", "Walsh", "Xu", "Yilmaz", "Zanetti", "Achebe", "Brandão", "Cho", "Delacroix"),
)
COMPANY_WORDS = (
    *("Alder", "Beacon", "Cobalt", "Drift", "Ember", "Fathom", "Granite", "Harbor", "Indigo", "Juniper"),
    *("Keystone", "Larch", "Meridian", "Nimbus", "Orchard", "Pinnacle", "Quarry", "Ridge", "Summit", "Tidal"),
    *("Umber", "Vantage", "Willow", "Yarrow", "Zephyr"),
)
COMPANY_ENDS = ("Labs", "Systems", "Group", "Works", "Partners", "Networks", "Logic", "Collective")
SENIOR = ("VP Engineering", "CTO", "Head of Platform", "Director of IT", "COO", "Head of Data", "CIO", "CFO")
MIDDLE = ("Engineering Manager", "Team Lead", "Solutions Architect", "Program Manager", "IT Manager")
PLAIN = ("Systems Engineer", "Analyst", "Buyer", "Site Reliability Engineer", "Procurement Specialist")
NO_BUYERS = ("Student", "Intern", "Trainee", "Analyst")
SERVED = ("Software", "Financial services", "Healthcare", "Insurance", "Telecom", "SaaS")
OTHERS = ("Logistics", "Retail", "Manufacturing", "Energy", "Food")
LARGE = (240, 380, 620, 1200, 2600, 5400)
SMALL = (55, 70, 90, 120, 160)
SAME_COMPANY = 0.07
NEAR = ("United States", "Canada", "United Kingdom", "Germany")
FAR = ("Spain", "Sweden", "Netherlands", "Poland", "Japan", "Brazil")
HAND_RAISERS = ("demo_request", "pricing_request", "contact_sales")
WISHES = (
    "Wants to see it with their own data",
    "Compares us with one other vendor",
    "Has a renewal coming up in spring",
    "Asked for a price for the whole team",
    "Referred by a colleague who uses us",
)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Where leads come from: `usual` is what most of them did there, as (activity, detail)."""

    name: str
    source: str
    usual: tuple[tuple[str, str | None], ...]


CAMPAIGNS = (
    Campaign("q4-webinar", "webinar", (("email_click", None), ("webinar_attended", "Fewer incidents"))),
    Campaign("search-ads", "search", (("trial_signup", None),)),
    Campaign("trade-show", "event", (("email_click", None), ("event", "Talk at our stand"))),
    Campaign("newsletter", "newsletter", (("content_download", "Buyer's guide"), ("page_view", "/pricing"))),
)
SHARES = (6, 6, 3, 4)
"""How many of so many leads come from each campaign, in the order of CAMPAIGNS."""

# A title, an industry and a country that together make the fit that is wanted, with the default agreement.
_FIT: Mapping[tuple[str, bool], tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    ("hot", True): (SENIOR, SERVED, NEAR),
    ("hot", False): (SENIOR + MIDDLE, SERVED, NEAR),
    ("warm", True): (SENIOR, SERVED + OTHERS, NEAR),
    ("warm", False): (SENIOR, SERVED, NEAR),
    ("mild", True): (PLAIN, OTHERS, FAR),
    ("mild", False): (MIDDLE, SERVED, FAR),
    ("cold", True): (NO_BUYERS, OTHERS, FAR),
    ("cold", False): (NO_BUYERS, OTHERS, FAR),
}


class Cast:
    """Invents leads, one after the other, nobody twice. Their numbers come after `first_number`."""

    def __init__(self, rng: Random, first_number: int = 2000) -> None:
        self.rng = rng
        self._number = first_number
        self._people: set[str] = set()
        self._companies: list[Fields] = []
        self._names = self._company_names()

    def lead(
        self, interest: str, at: datetime, *, large: bool | None = None, campaign: Campaign | None = None
    ) -> Fields:
        """Somebody who comes in at this moment (aware, UTC).

        `interest`: "hot" raised a hand, "warm" and "mild" qualify as P2 and P3, "cold" does not. A `large`
        company has 200 people or more. What is left out is left to chance.
        """
        big = self.rng.random() < 0.5 if large is None else large
        titles, industries, countries = _FIT[interest, big]
        company = self._company(big, industries, countries)
        first, last = self._name()
        campaign = campaign or self.rng.choices(CAMPAIGNS, SHARES)[0]
        self._number += 1
        told: Fields = {
            "external_id": f"D-{self._number}",
            "email": f"{plain(first)}.{plain(last)}@{company['domain']}",
            "first_name": first,
            "last_name": last,
            "title": self.rng.choice(titles),
            "phone": f"+1 555 01{self.rng.randrange(100):02}" if self.rng.random() < 0.8 else None,
            **company,
            "campaign": campaign.name,
            "source": campaign.source,
            "crm_url": f"https://crm.example.com/leads/{self._number}",
            "activities": self._deeds(interest, campaign, at),
        }
        if interest == "hot":
            told["notes"] = self.rng.choice(WISHES)
        return {name: value for name, value in told.items() if value is not None}

    def _name(self) -> tuple[str, str]:
        while True:
            first, last = self.rng.choice(FIRST_NAMES), self.rng.choice(LAST_NAMES)
            if f"{first} {last}" in self._people:
                first += f" {self.rng.choice(ascii_uppercase)}."
            if f"{first} {last}" not in self._people:
                self._people.add(f"{first} {last}")
                return first, last

    def _company(self, big: bool, industries: tuple[str, ...], countries: tuple[str, ...]) -> Fields:
        """A new company, or now and then one that somebody else came from."""
        fitting = [one for one in self._companies if (one["employees"] >= 200) is big]
        if fitting and self.rng.random() < SAME_COMPANY:
            return self.rng.choice(fitting)
        name = next(self._names)
        company: Fields = {
            "company": name,
            "domain": f"{plain(name)}.example",
            "employees": self.rng.choice(LARGE if big else SMALL),
            "industry": self.rng.choice(industries),
            "country": self.rng.choice(countries),
        }
        self._companies.append(company)
        return company

    def _company_names(self) -> Iterator[str]:
        """All there are in an order of chance, and then over again with a number."""
        for turn in itertools.count(1):
            names = [f"{word} {end}" for word in COMPANY_WORDS for end in COMPANY_ENDS]
            self.rng.shuffle(names)
            yield from (names if turn == 1 else (f"{name} {turn}" for name in names))

    def _deeds(self, interest: str, campaign: Campaign, at: datetime) -> list[Fields]:
        """What they did, newest last: a hand-raiser asks for something now, the others did it a while ago."""
        if interest == "cold":
            return [deed("email_click", at - timedelta(minutes=5))]
        before = at - timedelta(hours=self.rng.randrange(2, 40))
        done = [deed(kind, before, detail) for kind, detail in campaign.usual]
        return done + ([deed(self.rng.choice(HAND_RAISERS), at)] if interest == "hot" else [])


def deed(kind: str, at: datetime, detail: str | None = None) -> Fields:
    """An activity as it is sent."""
    told: Fields = {"type": kind, "at": at.isoformat()}
    return told | ({"detail": detail} if detail else {})


def campaign_in(words: Sequence[str]) -> Campaign | None:
    """The first campaign that is named among these words."""
    return next((campaign for campaign in CAMPAIGNS if campaign.name in words), None)


def plain(name: str) -> str:
    """A name as it stands in an address."""
    spelled = name.lower().replace("ö", "o").replace("ã", "a")
    return "".join(character for character in spelled if character.isascii() and character.isalnum())
