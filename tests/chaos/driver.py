"""Plays a plan: who sends leads and clicks, and who breaks what. Keeps what it was answered, no more."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import psycopg

from bot.sandbox import FaultKind, Message, Sandbox
from bot.sandbox.slack.errors import NotPossible
from bot.views.ids import Action
from tests.chaos.bots import Bot
from tests.chaos.commands import beside, killed_after
from tests.chaos.destination import Destination
from tests.chaos.plan import Deed, Shape, Step
from tests.chaos.world import Click, Kept
from tests.databases import PostgresServer

TOKEN, FORM_SECRET = "a-token-of-the-test", "a-secret-of-the-form"
REPS: Mapping[str, tuple[str, ...]] = {"C0SALES": ("U0REP1", "U0REP2"), "C0GROWTH": ("U0REP3", "U0REP4")}
IN_BATCH, IN_FILE = 13, 8
TRIES = 6
LONGEST_WAIT = 5.0
"""Real seconds between two tries of a tool that is not answered."""
FINISH_WITHIN = 600.0
"""Real seconds for what was sent and is not answered yet, once all troubles are over."""


class Button(NamedTuple):
    """A button that can be seen now."""

    message: Message
    block_id: str
    action: str
    handoff: int


@dataclass
class Run:
    """A run: its bots, their Slack and database, and what is known of what was done."""

    shape: Shape
    slack: Sandbox
    bots: Sequence[Bot]
    hook: Destination
    http: aiohttp.ClientSession
    folder: Path
    postgres: PostgresServer | None
    database: str
    kept: Kept = field(default_factory=Kept)
    sent: list[dict[str, Any]] = field(default_factory=list)
    accepted: list[tuple[str, int]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    hands: dict[str, asyncio.Lock] = field(default_factory=dict)
    at_postgres: asyncio.Lock = field(default_factory=asyncio.Lock)


async def play(run: Run, plan: Sequence[Step]) -> None:
    """Do all of it, each at its moment; then mend what is broken, and wait for what is not answered yet."""
    began = time.monotonic()
    watching = asyncio.create_task(_watch(run.bots))
    doing = []
    try:
        for step in plan:
            await asyncio.sleep(began + step.at - time.monotonic())
            doing.append(asyncio.create_task(DEEDS[step.deed](run, step), name=f"{step}"))
        async with asyncio.timeout(FINISH_WITHIN):
            await asyncio.gather(*doing)
    finally:
        watching.cancel()


async def _watch(bots: Sequence[Bot]) -> None:
    """Start again whoever ended by itself, as systemd does: a bot that finds its disk full does not start."""
    while True:
        for bot in bots:
            if not bot.busy.locked():
                bot.start()
        await asyncio.sleep(0.3)


# ---- leads


def _record(run: Run, **more: Any) -> dict[str, Any]:
    number = next(run.numbers)
    person = {"external_id": f"r-{number:05d}", "email": f"jane{number:05d}@firm{number:05d}.example"}
    made: dict[str, Any] = {
        **person,
        "first_name": "Jane",
        "last_name": f"Doe{number:05d}",
        "company": f"Firm {number:05d}",
    }
    made |= {"employees": number * 7 % 400, "qualified": True, **more}
    run.sent.append(made)
    return made


ASKED = {"activities": [{"type": "demo_request"}]}


async def lead(run: Run, step: Step) -> None:
    """A hot lead."""
    await _send(run, step, "/leads", _record(run, **ASKED))


async def again(run: Run, step: Step) -> None:
    """A record that was sent before."""
    if run.sent:
        await _send(run, step, "/leads", run.sent[step.number % len(run.sent)])


async def batch(run: Run, step: Step) -> None:
    """Colder leads, many at once."""
    await _send(run, step, "/leads/batch", [_record(run) for _ in range(IN_BATCH)])


async def form(run: Run, step: Step) -> None:
    """A lead that another tool sends as it is wont to."""
    await _send(run, step, "/intake/form", _record(run, **ASKED), FORM_SECRET)


async def imported(run: Run, step: Step) -> None:
    """A file, imported beside a running bot until that works; one in three is killed at first."""
    records = [_record(run) for _ in range(IN_FILE)]
    file = run.folder / f"leads{step.number}.csv"
    header = ["external_id", "email", "first_name", "last_name", "company", "employees", "qualified"]
    lines = [",".join(str(record[name]) for name in header) for record in records]
    file.write_text("\n".join([",".join(header), *lines]), "utf-8")
    bot, doomed = run.bots[step.number % len(run.bots)], killed_after(step)
    while True:
        command = await bot.does(f"import {file}", doomed)
        run.kept.commands.append(command)
        if command.status == "0":
            break
        doomed = None
        await asyncio.sleep(0.3)
    for record in records:
        run.kept.answered.setdefault(record["external_id"], set())


async def _send(run: Run, step: Step, path: str, body: Any, token: str = TOKEN) -> None:
    """Send it until it is answered for, to one bot after another, as a tool does."""
    for turn in itertools.count():
        url = run.bots[(step.number + turn) % len(run.bots)].url + path
        status, answer = await _posted(run, url, body, token)
        if 200 <= status < 300:
            records = body if isinstance(body, list) else [body]
            answers = answer if isinstance(body, list) else [answer]
            for record, one in zip(records, answers, strict=True):
                run.kept.answered.setdefault(record["external_id"], set()).add(one["id"])
            return
        if status not in (0, 429, 503):
            run.kept.odd.append(f"{path} was answered {status}: {answer}")
            return
        await asyncio.sleep(min(0.2 * 1.5**turn, LONGEST_WAIT))


async def _posted(run: Run, url: str, body: Any, token: str) -> tuple[int, Any]:
    try:
        bearer = {"Authorization": f"Bearer {token}"}
        async with run.http.post(url, json=body, headers=bearer) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if answer.status < 300 else text
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0, ""


# ---- clicks


def buttons(slack: Sandbox, action: Action) -> list[Button]:
    """Every such button that stands in a channel now."""
    return [
        Button(message, block["block_id"], action, int(element["value"].partition(".")[0]))
        for channel in REPS
        for message in slack.workspace.messages.get(channel, {}).values()
        if not message.deleted and not message.ephemeral_to
        for block in message.blocks
        for element in [*block.get("elements", ()), block.get("accessory") or {}]
        if element.get("action_id") == action
    ]


async def accept(run: Run, step: Step) -> None:
    """Somebody accepts one of the leads that wait, and clicks again where Slack says that it went wrong."""
    seen = buttons(run.slack, Action.ACCEPT)
    if not seen:
        return
    button = seen[step.number % len(seen)]
    user = REPS[button.message.channel][step.number % 2]
    for _ in range(TRIES):
        acked = await _pressed(run, user, button)
        if acked is None:
            return
        run.kept.clicks.append(Click(user, Deed.ACCEPT, button.handoff, acked))
        if acked:
            run.accepted.append((user, button.handoff))
            return
        await asyncio.sleep(0.5)


async def reject(run: Run, step: Step) -> None:
    """Somebody says that a lead which waits is none."""
    seen = buttons(run.slack, Action.REJECT)
    if seen:
        button = seen[step.number % len(seen)]
        user = REPS[button.message.channel][step.number % 2]
        await _by_form(run, user, button, Deed.REJECT, {"reason": "junk"})


async def touch(run: Run, step: Step) -> None:
    """Somebody logs the first contact with a lead of theirs."""
    mine = {handoff: user for user, handoff in run.accepted if handoff not in run.touched}
    seen = [button for button in buttons(run.slack, Action.TOUCH) if button.handoff in mine]
    if seen:
        button = seen[step.number % len(seen)]
        run.touched.add(button.handoff)
        await _by_form(run, mine[button.handoff], button, Deed.TOUCH, {"touch": "call"})


async def _by_form(run: Run, user: str, button: Button, deed: Deed, entries: Mapping[str, str]) -> None:
    """Open a form, fill it in and send it, the same form again where Slack says that it went wrong."""
    people, modals = run.slack.people, run.slack.workspace.modals
    async with run.hands.setdefault(user, asyncio.Lock()):
        modals[user] = []
        if await _pressed(run, user, button) is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while not modals.get(user):
                    await asyncio.sleep(0.02)
        if not modals.get(user) or modals[user][-1].payload.get("submit") is None:
            return  # refused, with a notice, or nothing came of it
        view = modals[user][-1]
        for name, value in entries.items():
            try:
                await people.fill(view, name, value)
            except NotPossible:
                return  # a notice, not the form
        for _ in range(TRIES):
            sent = await people.submit(view)
            closed = not modals.get(user)  # else it shows a fault, or a notice of one
            run.kept.clicks.append(Click(user, deed, button.handoff, sent.ok and closed))
            if sent.ack is not None and sent.ack.ok:
                return
            await asyncio.sleep(0.5)


async def _pressed(run: Run, user: str, button: Button) -> bool | None:
    """Whether a click was acked; None if there is nothing to click any more."""
    try:
        deed = await run.slack.people.click(
            user, button.message, button.action, block_id=button.block_id, late=True
        )
    except NotPossible:
        return None
    return deed.ok


# ---- troubles


async def kill(run: Run, step: Step) -> None:
    """Kill a bot, and start it again after a while."""
    bot = run.bots[step.number % len(run.bots)]
    if bot.busy.locked():  # killed or stopped just now: it shall also be at work
        return
    async with bot.busy:
        if bot.lives:
            bot.kill()
        bot.jump(0)
        await asyncio.sleep(step.lasting)
        bot.start()


async def freeze(run: Run, step: Step) -> None:
    """Stop a bot where it stands, and let it go on when others have long taken over."""
    bot = run.bots[step.number % len(run.bots)]
    if bot.busy.locked():
        return
    async with bot.busy:
        bot.start()
        bot.freeze()
        try:
            await asyncio.sleep(step.lasting)
        finally:
            bot.go_on()


async def jump(run: Run, step: Step) -> None:
    """Let a machine's clock be wrong for a while."""
    bot = run.bots[step.number % len(run.bots)]
    bot.jump(float(step.how))
    await asyncio.sleep(step.lasting)
    bot.jump(0)


async def slack_fails(run: Run, step: Step) -> None:
    """Let Slack fail in one way for a while."""
    kind, method = step.how.split()
    wire = {
        FaultKind.RATE_LIMITED: 1 + step.number % 20,
        FaultKind.SLOW: (1 + step.number % 12) / run.shape.speed,
    }
    fault = run.slack.fault(method, FaultKind(kind), times=None, seconds=wire.get(FaultKind(kind), 1.0))
    await asyncio.sleep(step.lasting)
    run.slack.faults.lift(fault)


async def hook_fails(run: Run, step: Step) -> None:
    """Let the destination of events refuse, or not answer, for a while."""
    if step.how == "silence":
        run.hook.may_answer.clear()
    else:
        run.hook.status = int(step.how)
    await asyncio.sleep(step.lasting)
    run.hook.may_answer.set()
    run.hook.status = 204


async def disk_full(run: Run, step: Step) -> None:
    """Let the disk of SQLite be full for a while."""
    for bot in run.bots:
        bot.fill_disk()
    await asyncio.sleep(step.lasting)
    for bot in run.bots:
        bot.fill_disk(False)


async def restart(run: Run, _step: Step) -> None:
    """Stop PostgreSQL, and start it again."""
    assert run.postgres is not None
    async with run.at_postgres:
        await asyncio.to_thread(run.postgres.stop)
        await asyncio.to_thread(run.postgres.start)


async def pause(run: Run, step: Step) -> None:
    """Let PostgreSQL stand still for a while."""
    assert run.postgres is not None
    async with run.at_postgres:
        with run.postgres.frozen():
            await asyncio.sleep(step.lasting)


async def cut(run: Run, step: Step) -> None:
    """Break half of the connections to PostgreSQL, whatever they are doing."""
    assert run.postgres is not None
    async with run.at_postgres:
        await asyncio.to_thread(_cut, run.postgres, run.database, step.number % 2)


def _cut(server: PostgresServer, database: str, half: int) -> None:
    with psycopg.connect(f"host={server.folder} user=postgres dbname=postgres", autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid %% 2 = %s",
            [database, half],
        )


DEEDS: Mapping[Deed, Callable[[Run, Step], Coroutine[Any, Any, None]]] = {
    Deed.LEAD: lead,
    Deed.AGAIN: again,
    Deed.BATCH: batch,
    Deed.FORM: form,
    Deed.IMPORT: imported,
    Deed.BESIDE: beside,
    Deed.ACCEPT: accept,
    Deed.REJECT: reject,
    Deed.TOUCH: touch,
    Deed.KILL: kill,
    Deed.FREEZE: freeze,
    Deed.JUMP: jump,
    Deed.SLACK: slack_fails,
    Deed.HOOK: hook_fails,
    Deed.DISK: disk_full,
    Deed.RESTART: restart,
    Deed.PAUSE: pause,
    Deed.CUT: cut,
}
