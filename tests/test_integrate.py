"""`docs/integrate.md`: what stands there to be pasted can be pasted, and every preset has its five steps."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from string import Template
from textwrap import dedent

import httpx
import pytest

import app
from bot.agreement import loaded, parse_agreement
from bot.agreement.intake import Intake
from bot.agreement.vocabulary import Preset, Proof
from bot.events.workflow import VARIABLES
from storage.database import Database
from tests.handlers.http.api_client import api_of, client_of

TEXT = (Path(app.__file__).parent / "docs" / "integrate.md").read_text(encoding="utf-8")
README = (Path(app.__file__).parent / "README.md").read_text(encoding="utf-8")
SAMPLE = (Path(__file__).parent / "bot" / "data" / "sample_agreement.toml").read_text(encoding="utf-8")
BLOCKS = [dedent(block) for block in re.findall(r"( *```toml\n.*?\n *```)", TEXT, re.DOTALL)]
SECTIONS = dict(zip(*[iter(re.split(r"^## (.*)\n", TEXT, flags=re.MULTILINE)[1:])] * 2, strict=True))


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_what_is_to_be_pasted_into_the_agreement_is_one(block: str) -> None:
    text = "\n".join(block.splitlines()[1:-1])
    agreement = parse_agreement(f"{SAMPLE}\n{text}\n")
    assert agreement.intake or agreement.http.public_url or agreement.told


@pytest.mark.parametrize("preset", Preset)
def test_every_preset_has_its_five_steps(preset: str) -> None:
    section = SECTIONS[preset]
    assert re.findall(r"^(\d)\. ", section, re.MULTILINE) == list("12345")
    assert "/intake/" in section
    assert preset in ("plain",) or f'preset = "{preset}"' in section


def test_every_link_of_the_table_of_contents_leads_somewhere() -> None:
    anchors = {re.sub(r"[^\w -]", "", name).strip().lower().replace(" ", "-") for name in SECTIONS}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors


def test_the_form_is_ten_lines_and_sends_what_the_source_wants() -> None:
    html = re.search(r"```html\n(.*?)\n *```", SECTIONS["Your own web page"], re.DOTALL)
    assert html is not None
    assert len(html[1].splitlines()) == 10
    (page,) = [each for block in BLOCKS if "public_key" in block for each in _sources(block)]
    for name in ("key", "email", page.honeypot):
        assert f'name="{name}"' in html[1]
    assert f'value="{page.public_key}"' in html[1]


def _sources(block: str) -> tuple[Intake, ...]:
    return parse_agreement(f"{SAMPLE}\n" + "\n".join(block.splitlines()[1:-1])).intake


def test_every_way_to_be_checked_is_named() -> None:
    assert [proof for proof in Proof if f"`{proof}" not in TEXT] == []


def test_every_variable_of_a_workflow_is_named() -> None:
    section = SECTIONS["When a lead is decided"]
    (shown,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    assert tuple(json.loads(shown)) == VARIABLES
    assert ", ".join(f"`{each}`" for each in VARIABLES) in section


CURLS = re.findall(r"^ *(curl [^\n]*(?:\n(?! *```)[^\n]*)*)", f"{README}\n{TEXT}", re.MULTILINE)
OURS = [each for each in CURLS if "baton.example.com/intake" in each.split(" -d ")[0] or ":3000/" in each]
SECRET = "a-long-secret"


def asked(command: str) -> httpx.Request:
    """The request that curl makes of a command, with the secret for whatever variable stands in it."""
    words = iter(shlex.split(command)[1:])
    method, url, body, headers = "GET", "", "", httpx.Headers()
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = Template(value).substitute(BACKEND_SECRET=SECRET)
        elif word == "-d":
            method, body = "POST", next(words)
        elif word == "-X":
            method = next(words)
        elif word != "-i":
            url = word
    return httpx.Request(method, f"http://baton{httpx.URL(url).path}", headers=headers, content=body)


@pytest.mark.parametrize("command", OURS, ids=range(len(OURS)))
@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_curl_of_the_pages_brings_a_lead_and_then_the_same_one(
    database: Database, command: str
) -> None:
    source = '[[intake]]\nname = "backend"\nsecret_env = "BACKEND_SECRET"\n'
    api = api_of(
        database,
        tokens={SECRET: "crm"},
        agreement=loaded(f"{SAMPLE}\n{source}"),
        variables={"BACKEND_SECRET": SECRET},
    )
    async with client_of(api, token=None) as client:
        answers = [await client.send(asked(command)) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_both_pages_have_one_to_try() -> None:
    assert len(OURS) == 2
