"""No secret of a source is in the database, an export, the log or an answer, whichever key bore it."""

from __future__ import annotations

import base64
import io
import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.agreement import default_agreement, loaded
from bot.agreement.vocabulary import Preset
from bot.instruments import Instruments
from bot.intake.sources import secrets_of
from bot.logs import set_up_logs
from bot.settings import Settings
from handlers.cli.exporting import export_command
from storage.database import Database
from storage.exporting import WHAT
from tests.bot.intake.documented import BODIES
from tests.bot.intake.signing import SECRET, SIGNS
from tests.bot.intake.test_documented import KINDS
from tests.handlers.http.api_client import NOW, api_of, client_of

DATA = Path(__file__).parents[2] / "bot" / "intake" / "data"
VERIFY = "verify-token-of-meta"
THEIRS = ("a-session-of-theirs", "a-write-key-of-theirs", "hunter2")
OTHERS = """
[crm]
kind = "hubspot"
token_env = "CRM_TOKEN"
url = "http://127.0.0.1:9"
[[webhooks]]
name = "warehouse"
url = "https://hooks.example.com/baton"
secret_env = ["HOOK_NEW", "HOOK_OLD"]
"""
TABLES = OTHERS + "".join(
    f'[[intake]]\nname = "{preset}"\npreset = "{preset}"\nsecret_env = "KEY"\n'
    + ('verify_token_env = "VERIFY"\n' if preset is Preset.META_LEADGEN else "")
    for preset in Preset
)
TOLD = {"CRM_TOKEN": "pat-na1-of-the-crm", "HOOK_NEW": "whsec_TmV3U2Vjcg==", "HOOK_OLD": "whsec_b2xk"}
VARIABLES = {"KEY": SECRET, "VERIFY": VERIFY, **TOLD}
LEAKS: list[Any] = [
    {"email": "ada@fabrikam.example", "name": SECRET, "company": f"at {SECRET}", SECRET: 1},
    {"email": "ada@fabrikam.example", "password": "hunter2", "apiKey": "hunter2", "X-Auth-Token": "hunter2"},
    {"email": "bob@fabrikam.example", "notes": f"hub.verify_token={VERIFY}", "deep": [{"secret": "hunter2"}]},
    {"email": "cy@fabrikam.example", "activities": [{"type": SECRET, "detail": SECRET, "by": SECRET}]},
    {"email": SECRET, "client_secret": "hunter2"},
    {"company": SECRET, "_key": "hunter2", "list": [SECRET, [SECRET]]},
    [SECRET, {"a": SECRET}],
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log says, as `run` writes it."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers, root.level
    agreement = loaded(default_agreement().text + TABLES).agreement
    set_up_logs("text", known_secrets=secrets_of(agreement, lambda n: VARIABLES.get(n or "")), stream=stream)
    root.setLevel(logging.DEBUG)
    yield stream
    logging.captureWarnings(False)
    root.handlers = handlers
    root.setLevel(level)


def dumped(file: Path) -> str:
    """Every table of a database as text."""
    with sqlite3.connect(file) as connection:
        text = "\n".join(connection.iterdump())
    connection.close()
    return text


def exported(url: str) -> str:
    out, settings = io.StringIO(), Settings(slack_bot_token=SecretStr(""), database_url=SecretStr(url))
    for what in WHAT:
        for form in ("csv", "json"):
            export_command(what, form, settings, out)
    return out.getvalue()


async def test_no_secret_is_anywhere(sqlite_url: str, sqlite_file: Path, written: io.StringIO) -> None:
    database, instruments = Database.open(sqlite_url), Instruments()
    app = api_of(
        database,
        agreement=loaded(default_agreement().text + TABLES),
        variables=VARIABLES,
        instruments=instruments,
    )
    answers: list[str] = []
    async with client_of(app, token=None) as tool:

        async def post(preset: str, body: bytes, kind: str = "", secret: str = SECRET) -> int:
            signed = SIGNS[preset](secret, body, NOW, f"http://baton/intake/{preset}")
            headers = {**signed.headers, "content-type": kind or "application/json"}
            answer = await tool.post(f"/intake/{preset}", content=body, headers=headers, params=signed.query)
            answers.append(f"{answer.text} {answer.headers}")
            return answer.status_code

        for body in BODIES:
            content = (DATA / body.file).read_bytes().strip()
            kind = KINDS.get(Path(body.file).suffix, "")
            assert await post(body.preset, content, kind) < 400 or isinstance(body.comes_to[0], str)
            await post(body.preset, content, secret=f"{SECRET}-guessed")
        for preset in ("plain", "zapier", "marketo_webhook", "salesforce_flow", "typeform"):
            for leak in LEAKS:
                await post(preset, json.dumps(leak).encode())
        form = f"token={SECRET}&password=hunter2&email=ada@fabrikam.example"
        await post("plain", form.encode(), KINDS[".txt"])
        await post("plain", f'{{"api_key": "hunter2", "x": "{SECRET}'.encode())
        await post("plain", f"[{json.dumps({'email': SECRET, 'secret': 'hunter2'})}]".encode() * 30_000)
        answers.append((await tool.get("/intake/meta_leadgen", params={"hub.verify_token": VERIFY})).text)
        answers.append((await tool.get("/metrics")).text)
    database.close()
    places = {
        "the database": dumped(sqlite_file),
        "an export": exported(sqlite_url),
        "the log": written.getvalue(),
        "an answer": "\n".join(answers),
    }
    basic = base64.b64encode(f"baton:{SECRET}".encode()).decode()
    found = [
        (place, secret)
        for place, text in places.items()
        for secret in (SECRET, VERIFY, basic, *THEIRS, *TOLD.values())
        if secret in text
    ]
    assert found == []
    assert "ada@fabrikam.example" in places["the database"]
    assert "source plain" in places["the log"]
