"""The small types that the agreement's fields are made of: ids, times of day, time zones, money.

Each reads what a person wrote and raises ValueError in words that end with a remedy. No field knows where it
stands in the file; bot/agreement/faults.py adds the place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from bot.agreement.durations import Duration
from bot.agreement.matching import Condition, compile_condition
from bot.agreement.vocabulary import Journey
from bot.agreement.wording import near, remedy, shown
from bot.memory import remembered
from storage.models import Stage

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ACTIVITY_KEYS: Final = ("activity", "detail")
AT_LEAST_KEYS: Final = {"field", "at_least"}
CONTESTABLE: Final = (
    *("email", "phone", "name", "first_name", "last_name", "title", "company", "domain", "employees"),
    *("industry", "country", "region", "source", "campaign", "owner"),
)
"""What a rejection may say is wrong: fields of a lead, and `name` for both parts of it."""
CONTENT_STAGES: Final = (*(stage.value for stage in Stage), *(stage.value for stage in Journey))

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_CLOCK = re.compile(r"\s*([0-9]{1,2})(?:[:.h]([0-9]{2}))?\s*(am|pm)?\s*", re.IGNORECASE)
_GRADE = re.compile(r"[A-D][1-3]")
_ACTIVITY = re.compile(r"activity:\s*([a-z0-9][a-z0-9_ -]*)", re.IGNORECASE)
_DAY_MINUTES = 24 * 60
Windows = tuple[tuple[int, int], ...]


class Frozen(BaseModel):
    """What every part of the agreement is: a value that does not change and has no keys but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def minute_of_day(value: object) -> int:
    """Read `09:00` as minutes since midnight, `24:00` included."""
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else None
    if minutes is None or minutes > _DAY_MINUTES:
        raise ValueError(f'{shown(value)} is not a time of day; write "{_clock_suggestion(value)}"')
    return minutes


def window(value: object) -> tuple[int, int]:
    """Read `09:00-12:30` as (start, end) in minutes since midnight; an end before the start is tomorrow's."""
    parts = re.split(r"\s*[-\u2013]\s*", value.strip()) if isinstance(value, str) else []
    if len(parts) != 2:
        raise ValueError(f'{shown(value)} is not a window of hours; write "09:00-12:30"')
    start, end = minute_of_day(parts[0]), minute_of_day(parts[1])
    if start == end:
        raise ValueError(
            f"{clock_text(start)} to {clock_text(end)} is a window of no length; "
            'write a later end, or "00:00-24:00" for the whole day'
        )
    return (start, end if end > start else end + _DAY_MINUTES)


def clock_text(minutes: int) -> str:
    """Minutes since midnight as `09:00`; past 24:00 it starts anew."""
    rest = minutes if minutes == _DAY_MINUTES else minutes % _DAY_MINUTES
    return f"{rest // 60:02}:{rest % 60:02}"


def weekday(value: object) -> str:
    """Read `mon`, `Mon` or `Monday` as `mon`."""
    text = value.strip().lower() if isinstance(value, str) else ""
    for short, name in zip(WEEKDAYS, WEEKDAY_NAMES, strict=True):
        if text in (short, name.lower()):
            return short
    raise ValueError(f"{shown(value)} is not a day of the week; {remedy(str(value)[:3], WEEKDAYS)}")


@remembered(1024)
@remembered(1024)
def activity_name(text: str) -> str:
    """One spelling for a kind of activity: `Demo Request` and `demo-request` are `demo_request`."""
    return re.sub(r"[\s\-]+", "_", text.strip().casefold())


def activity_condition(condition: Condition) -> Condition:
    """A condition on the kind of activity in the one spelling that activity_name gives; patterns stay."""
    text = str(condition).strip()
    if text.startswith("~"):
        return condition
    if text[:3].lower() == "in ":
        return "in " + ", ".join(activity_name(item) for item in text[3:].split(",") if item.strip())
    return activity_name(text)


def at_least(when: Mapping[str, Any]) -> dict[str, Any]:
    """`{ field = "visits", at_least = 5 }` as the condition that it means."""
    least = when["at_least"]
    if isinstance(least, bool) or not isinstance(least, int | float):
        raise ValueError(f"{shown(least)} is not a number; write one without quotes, such as at_least = 5")
    return {str(when["field"]): f">={least}"}


def _clock_suggestion(value: object) -> str:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return "09:00"
    hour = int(match[1]) % 12 + (12 if match[3].lower() == "pm" else 0) if match[3] else int(match[1])
    minute = int(match[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else "09:00"


def _time_of_day(value: object) -> time:
    minutes = minute_of_day(value)
    if minutes == _DAY_MINUTES:
        raise ValueError('"24:00" is the next day\'s midnight; write "00:00"')
    return time(minutes // 60, minutes % 60)


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        meant = _near_zone(name)
        hint = f'did you mean "{meant}"?' if meant else 'write an IANA name such as "Europe/Berlin"'
        raise ValueError(f"{shown(name)} is not a known time zone; {hint}") from None
    return name


def _near_zone(name: str) -> str | None:
    """The zone nearest to a name, or to the city in it."""
    zones = sorted(available_timezones())
    whole = near(name, zones)
    if whole:
        return whole
    city = near(name, [zone.rpartition("/")[2] for zone in zones])
    return next((zone for zone in zones if city and zone.rpartition("/")[2] == city), None)


def _id_of(letters: str, what: str, where: str, sample: str) -> Any:
    shape = re.compile(rf"[{letters}][A-Z0-9]+")

    def check(value: str) -> str:
        if not shape.fullmatch(value):
            raise ValueError(f'{shown(value)} is not the id of {what}; write one like "{sample}" ({where})')
        return value

    return AfterValidator(check)


_PROFILE = "in Slack: profile, the three dots, Copy member ID"
_DETAILS = "in Slack: the channel's details, at the bottom of About"


def _currency(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", value):
        raise ValueError(f'{shown(value)} is not a currency; write its three letters, such as "USD"')
    return value.upper()


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", value, re.IGNORECASE):
        raise ValueError(
            f'{shown(value)} is not a web address; write it whole, such as "https://example.com/page"'
        )
    return value


def _rule(value: str) -> str:
    activity = _ACTIVITY.fullmatch(value)
    if activity:
        return f"activity:{activity_name(activity[1])}"
    if value != "*" and not _GRADE.fullmatch(value.upper()):
        raise ValueError(
            f"{shown(value)} is not a rule; "
            'write a grade such as "A1", "activity:demo_request", or "*" for all'
        )
    return value.upper()


def _content_stage(value: str) -> str:
    if value.lower() not in CONTENT_STAGES:
        raise ValueError(f"{shown(value)} is not a stage; {remedy(value, CONTENT_STAGES)}")
    return value.lower()


def _contested(value: str) -> str:
    field = value.lower().replace(" ", "_").replace("-", "_")
    if field not in CONTESTABLE:
        raise ValueError(f"{shown(value)} is not a field of a lead; {remedy(value, CONTESTABLE)}")
    return field


def _grade(value: str) -> str:
    if not _GRADE.fullmatch(value.upper()):
        raise ValueError(
            f'{shown(value)} is not a grade; write a letter A to D and a digit 1 to 3, such as "B2"'
        )
    return value.upper()


def _condition(value: object) -> Condition:
    if not isinstance(value, str | int | float | bool):
        raise ValueError('is not a condition; write text or a number, such as ">=200" or "in US, CA"')
    compile_condition(value)
    return value


def _long_duration(value: object) -> Duration:
    return value if isinstance(value, Duration) else Duration.parse(value, years=True)


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]
"""Text that stands in a Slack menu, where 75 characters fit."""
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
Money = Annotated[Decimal, Field(ge=0, le=10**12)]
Currency = Annotated[Text, AfterValidator(_currency)]
ContentStage = Annotated[Text, AfterValidator(_content_stage)]
"""A stage of the waterfall, or of the buyer's journey."""
WebAddress = Annotated[Text, AfterValidator(_web_address)]
Variable = Annotated[Text, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Variables = Annotated[tuple[Variable, ...], BeforeValidator(_several), Field(max_length=2)]
"""Variables of the environment that hold a secret: one, or two while it is being changed."""
Zone = Annotated[Text, AfterValidator(_timezone)]
UserId = Annotated[Text, _id_of("UW", "a person", _PROFILE, "U0123ABCD")]
UserOrGroupId = Annotated[Text, _id_of("UWS", "a person or a user group", _PROFILE, "U0123ABCD")]
ChannelId = Annotated[Text, _id_of("CG", "a channel", _DETAILS, "C0123ABCD")]
Weekday = Annotated[str, BeforeValidator(weekday)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Rule = Annotated[Text, AfterValidator(_rule)]
ContestedField = Annotated[Text, AfterValidator(_contested)]
Grade = Annotated[Text, AfterValidator(_grade)]
When = dict[Text, Annotated[Any, BeforeValidator(_condition)]]
LongDuration = Annotated[Duration, BeforeValidator(_long_duration)]
