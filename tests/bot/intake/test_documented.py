"""Bodies and files as other tools send them: each a right lead, or a sentence that says what is missing."""

from __future__ import annotations

import mimetypes
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.agreement.intake import Intake
from bot.agreement.vocabulary import Preset
from bot.intake import NoLead, Read, Source, parsed, read_record, records_of
from bot.leadform import LeadForm, full_name
from bot.leadform.csvfile import open_csv
from bot.leadform.filerows import FileReader, read_row
from storage.models import RefusedCause
from tests.bot.intake.documented import BODIES, FILES, Body, File, Lead
from tests.bot.intake.signing import SECRET

DATA = Path(__file__).parent / "data"
EXPORTS = Path(__file__).parents[1] / "leadform" / "data"
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
KINDS = {
    ".txt": "application/x-www-form-urlencoded",
    ".multipart": "multipart/form-data; boundary=------------------------d74496d66958873e",
}


def source_of(preset: str) -> Source:
    extra = {"verify_token_env": "V"} if preset == "meta_leadgen" else {}
    return Source(
        Intake.model_validate({"name": "source", "preset": preset, "secret_env": "S", **extra}), SECRET
    )


def read(body: Body) -> list[Read]:
    path, source = DATA / body.file, source_of(body.preset)
    kind = KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or ""
    whole = parsed(path.read_bytes().strip(), kind)
    return [read_record(source, raw, NOW) for raw in records_of(source, whole)]


def shown(lead: LeadForm, wanted: Lead) -> Lead:
    """The lead as the table has it; the moment of its event as far as the table says one."""
    event = next((f"{a.type}@{a.at:%Y-%m-%dT%H:%M}" for a in lead.activities), None)
    dated = wanted.event is None or "@" in wanted.event
    named = event if dated or event is None else event.partition("@")[0]
    return Lead(full_name(lead.first_name, lead.last_name), lead.email, lead.company, lead.employees, named)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.file)
def test_a_documented_body_comes_to_the_right_lead_or_says_what_is_missing(body: Body) -> None:
    found = read(body)
    assert len(found) == len(body.comes_to)
    for each, wanted in zip(found, body.comes_to, strict=True):
        if isinstance(wanted, Lead):
            assert isinstance(each.lead, LeadForm), each.lead
            assert shown(each.lead, wanted) == wanted
        else:
            assert not isinstance(each.lead, LeadForm)
            assert wanted in str(each.lead)
            assert (isinstance(each.lead, NoLead) and each.lead.cause is RefusedCause.TEST) is body.test


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.file)
def test_a_documented_file_comes_to_the_right_leads(file: File) -> None:
    reader = FileReader(open_csv(EXPORTS / file.file))
    reader.survey()
    lead = read_row(reader, next(iter(reader)), NOW)
    assert shown(lead, file.comes_to) == file.comes_to


def test_there_are_more_than_forty_with_each_preset_among_them_and_each_says_where_it_is_from() -> None:
    assert len(BODIES) + len(FILES) >= 40
    assert {body.preset for body in BODIES} == set(Preset)
    assert {path.name for path in DATA.iterdir()} == {body.file for body in BODIES}
    assert all([body.documented for body in BODIES] + [file.documented for file in FILES])


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.file)
def test_no_secret_of_a_tool_is_in_what_is_made_of_its_body(body: Body) -> None:
    for each in read(body):
        said = f"{each.raw} {each.lead} {each.lead.remarks if isinstance(each.lead, LeadForm) else ''}"
        for secret in (SECRET, "a-session-of-theirs", "a-write-key-of-theirs"):
            assert secret not in said
