"""What deliveries keep of what they were written for: the JSON of `delivery.body`, a class for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict, TypeVar, cast

from storage.models import Delivery
from storage.models.details import Detail

B = TypeVar("B", bound=Mapping[str, object])


class TakenBack(TypedDict):
    """Who undid what a message tells of; `at` is an ISO moment."""

    by: str
    at: str


class HistoryBody(TypedDict):
    """An event, as the history has it; `at` is an ISO moment."""

    event: str
    actor: str
    at: str
    detail: Detail
    taken_back: NotRequired[TakenBack]


class RejectionBody(TypedDict):
    """What marketing hears of a rejection: the event's detail, who, and when; moments are ISO."""

    by: str
    at: str
    label: str
    note: str | None
    then: str
    until: NotRequired[str | None]
    merged_into: NotRequired[int]
    team: NotRequired[str]
    owner: NotRequired[str]
    taken_back: NotRequired[TakenBack]


class CustomerBody(TypedDict):
    """Why the owner hears of an existing customer, in words."""

    why: str


class AbsenceBody(TypedDict):
    """An absence by its id, and which of AbsenceNotice is said of it."""

    absence: int
    what: str


class ParkedBody(TypedDict):
    """A place that Slack refuses, and Slack's word for why; with `what`, a kind of message that it refuses.

    `says` is Slack's explanation. `kept`: it waits; else it was shown in its plain form.
    """

    place: str
    error: str
    what: NotRequired[str]
    says: NotRequired[str]
    kept: NotRequired[bool]


class RefusedBody(TypedDict):
    """From which moment on the admins hear of what was refused; ISO."""

    since: str


class AgreementBody(TypedDict):
    """Which agreement was in force, and which is now, by their ids; `by`: who changed it in Slack."""

    before: int
    after: int
    by: NotRequired[list[str]]


class ProposalBody(TypedDict):
    """A proposed change of the agreement by its id."""

    proposal: int


class ErasureBody(TypedDict):
    """Who asked for a person to be erased, and when (ISO). Whom they mean is the delivery's lead.

    `ended_by` is there once it is off: who declined, or nobody.
    """

    by: str
    at: str
    ended_by: NotRequired[str | None]


class ImportedBody(TypedDict):
    """What became of a file: its name, and the summary in lines of plain text."""

    file: str
    lines: list[str]


class ReportBody(TypedDict):
    """A report by its id. `plain`: without charts, which Slack refused."""

    report: int
    plain: NotRequired[bool]


class DetailBody(ReportBody):
    """One part of a report; for the part of the reps, those of these teams."""

    part: str
    teams: NotRequired[list[str]]


def body_of(delivery: Delivery, _kind: type[B]) -> B:
    """The body of a delivery as that of its kind."""
    return cast(B, delivery.body)
