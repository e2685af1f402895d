"""The receivers that the documentation shows verify what Baton signs, and refuse what it did not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.events.signing import key_of, signed
from bot.events.sinks import Message, Verdict
from bot.events.webhook import Webhook
from tests.bot.events.receiver import SECRET, receiving

DOC = (Path(__file__).parents[3] / "docs" / "integrate.md").read_text("utf-8")
BODY = '{"lead":{"first_name":"Zoë"}}'


def headers(body: str = BODY, *, ago: timedelta = timedelta(0)) -> dict[str, str]:
    now = datetime.now(UTC) - ago  # receivers refuse what is old
    return dict(signed([key_of(SECRET)], "evt_1", now, body.encode()))


def block(language: str, name: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)
    (found,) = [each for each in blocks if name in each]
    return str(found)


def in_python(told: Mapping[str, str], body: str) -> bool:
    names: dict[str, Any] = {}
    exec(block("python", "is_from_baton"), names)
    return bool(names["is_from_baton"](SECRET, told, body.encode()))


def in_javascript(told: Mapping[str, str], body: str) -> bool:
    asked = f"console.log(isFromBaton({json.dumps(SECRET)}, {json.dumps(told)}, {json.dumps(body)}));"
    script = block("js", "isFromBaton") + asked
    node = shutil.which("node")
    assert node is not None
    out = subprocess.run(
        [node, "--input-type=module", "-"], input=script, capture_output=True, text=True, check=True
    )
    return out.stdout.strip() == "true"


each = pytest.mark.parametrize(
    "verifies",
    [
        in_python,
        pytest.param(
            in_javascript,
            marks=pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js"),
        ),
    ],
)


@each
def test_each_takes_what_was_signed_and_nothing_else(verifies: Any) -> None:
    assert verifies(headers(), BODY)
    assert verifies({**headers(), "webhook-signature": "v1,x " + headers()["webhook-signature"]}, BODY)
    assert not verifies(headers(), BODY.replace("Zoë", "Zoe"))
    assert not verifies(headers(ago=timedelta(minutes=6)), BODY)


@each
async def test_each_takes_what_is_delivered(verifies: Any) -> None:
    message = Message("evt_1", "lead.accepted", 7, BODY.encode())
    async with receiving() as receiver:
        hook = Webhook(receiver.url, [key_of(SECRET)], Clock())
        (answer,) = await hook.send([message])
        await hook.close()
    assert answer.verdict is Verdict.ARRIVED
    (told,) = receiver.headers
    assert verifies(told, BODY)
