"""The language that scenarios are written in: who does what, and what everybody then sees.

    async with Scenario(clock=clock) as slack:
        riley = slack.person("U0REP1")
        card = await slack.expects(post_in("C0SALES"), containing="Jane")
        await riley.clicks("Accept").on(card)
        await slack.expects(update_of(card), containing="Accepted by")

A message that nobody expected fails the scenario at its end, and so does a call that Slack refuses as wrong.
What people do is in `actors`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from bot.sandbox.scenario.actors import Actor
from bot.sandbox.slack.api_chat import texts_in
from bot.sandbox.slack.model import NOTICE_AUTHOR, JsonDict, Message
from bot.sandbox.slack.server import Sandbox
from bot.sandbox.slack.traffic import Exchange

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds of real time to wait for what is expected."""
MISTAKES = frozenset(
    {
        "exchanged_trigger_id",
        "expired_trigger_id",
        "expired_url",
        "http_error",
        "invalid_arguments",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_json",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_trigger_id",
        "missing_scope",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "not_allowed_token_type",
        "push_limit_reached",
        "timeout",
        "unknown_method",
        "used_url",
    }
)
"""Refusals that no circumstance excuses: the bot sent something wrong, or answered too late."""


def reads(message: Message | JsonDict) -> str:
    """All that a person reads in a message: its text and the texts of its blocks, a line each."""
    body = message.to_api() if isinstance(message, Message) else message
    return "\n".join([str(body.get("text", "")), *texts_in(body.get("blocks", []))])


@dataclass(slots=True)
class Sighting:
    """One thing that somebody saw happen. `kind`: `post`, `reply`, `ephemeral`, `update` or `deletion`."""

    kind: str
    channel: str
    ts: str
    thread_ts: str
    seen_by: str
    text: str
    expected: bool = False

    def __str__(self) -> str:
        place = f"{self.channel} to {self.seen_by}" if self.seen_by else self.channel
        first, *rest = self.text.splitlines() or [""]
        return f"{self.kind} in {place}: {first}" + (f" (+{len(rest)} lines)" if rest else "")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What somebody should see, in words and as a test."""

    words: str
    fits: Callable[[Sighting], bool]


def post_in(channel: str) -> Expectation:
    """A new message in a channel, not in a thread."""
    return Expectation(f"a post in {channel}", lambda s: s.kind == "post" and s.channel == channel)


def dm_to(user: str | Actor) -> Expectation:
    """A new direct message to somebody, in a thread or not."""
    direct = "D" + user_id(user)[1:]
    return Expectation(
        f"a direct message to {user_id(user)}", lambda s: s.kind in ("post", "reply") and s.channel == direct
    )


def reply_to(message: Message) -> Expectation:
    """A new message in the thread of a message."""
    root = message.thread_ts or message.ts
    return Expectation(
        f"a reply in the thread of {message.ts}",
        lambda s: s.kind == "reply" and s.channel == message.channel and s.thread_ts == root,
    )


def update_of(message: Message) -> Expectation:
    """A change of a message."""
    return Expectation(f"an update of {message.ts}", lambda s: s.kind == "update" and same(s, message))


def deletion_of(message: Message) -> Expectation:
    """A message taken away."""
    return Expectation(f"the deletion of {message.ts}", lambda s: s.kind == "deletion" and same(s, message))


def ephemeral_to(user: str | Actor) -> Expectation:
    """A message that only one person sees."""
    return Expectation(
        f"a message that only {user_id(user)} sees",
        lambda s: s.kind == "ephemeral" and s.seen_by == user_id(user),
    )


def anything() -> Expectation:
    """Whatever is seen."""
    return Expectation("anything", lambda _: True)


def same(sighting: Sighting, message: Message) -> bool:
    """Whether a sighting is of this message."""
    return (sighting.channel, sighting.ts) == (message.channel, message.ts)


def user_id(user: str | Actor) -> str:
    """A person's id, from the person or the id itself."""
    return user if isinstance(user, str) else user.id


class Scenario(Sandbox):
    """A sandbox that watches, and at its end fails for what nobody expected. Takes what `Sandbox` takes."""

    def __init__(self, *, patience: float = PATIENCE, **settings: Any) -> None:
        super().__init__(**settings)
        self.patience = patience
        self.sightings: list[Sighting] = []
        self._ignored: list[tuple[Expectation, str]] = []
        self._tolerated: set[str] = set()
        self._changed = asyncio.Event()
        self.workspace.subscribe(self._note)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if error is None:
            self.nothing_unexpected()

    def person(self, user: str) -> Actor:
        """Somebody in the workspace, to say what they do."""
        return Actor(self, user)

    # ---- what is seen

    async def expects(
        self, expectation: Expectation, *, containing: str | tuple[str, ...] = (), within: float | None = None
    ) -> Message:
        """Wait until somebody sees this, and give the message. What was seen before and not expected counts.

        `containing`: what is to be read in it, one text or several. `within`: real seconds.
        Raises AssertionError with what was seen instead.
        """
        texts = (containing,) if isinstance(containing, str) else containing

        def look() -> Sighting | None:
            for sighting in self.sightings:
                if not sighting.expected and expectation.fits(sighting) and says(sighting, texts):
                    return sighting
            return None

        wanted = expectation.words + (f" containing {', '.join(map(repr, texts))}" if texts else "")
        sighting = await self.until(look, wanted, within=within)
        sighting.expected = True
        return self.workspace.messages[sighting.channel][sighting.ts]

    async def until(self, look: Callable[[], T | None], wanted: str, *, within: float | None = None) -> T:
        """Wait until `look` finds something. Raises AssertionError naming what was `wanted`."""
        try:
            async with asyncio.timeout(self.patience if within is None else within):
                while (found := look()) is None:
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"expected {wanted}, but nobody saw it.\n{self.account()}") from None

    async def stays_quiet(self, seconds: float = 0.3) -> None:
        """Wait for these real seconds, and fail if anybody sees what is not expected or ignored."""
        await asyncio.sleep(seconds)
        self.nothing_unexpected()

    def ignores(self, *expectations: Expectation, containing: str = "") -> None:
        """Let these be seen, or not, without failing; only those that say `containing`."""
        self._ignored += [(expectation, containing) for expectation in expectations]

    def tolerates(self, *errors: str) -> None:
        """Do not fail for refusals of these names."""
        self._tolerated |= set(errors)

    def nothing_unexpected(self) -> None:
        """Raise AssertionError if somebody saw what nobody expected, or the bot sent what Slack refuses."""
        unexpected = [str(sighting) for sighting in self.sightings if not self._is_fine(sighting)]
        mistakes = [words_for(entry) for entry in self.traffic.entries if self._is_mistake(entry)]
        if unexpected or mistakes:
            parts = ["nobody expected:", *unexpected] if unexpected else []
            parts += ["refused:", *mistakes] if mistakes else []
            raise AssertionError("\n  ".join(parts))

    def account(self) -> str:
        """What was seen so far and not yet expected, and what was refused: for failures."""
        seen = [str(sighting) for sighting in self.sightings if not sighting.expected]
        refused = [words_for(entry) for entry in self.traffic.refused()]
        lines = ["Seen and not yet expected:", *(seen or ["nothing"])]
        return "\n  ".join([*lines, "Refused:", *refused] if refused else lines)

    def _is_fine(self, sighting: Sighting) -> bool:
        return sighting.expected or any(
            expectation.fits(sighting) and says(sighting, (containing,))
            for expectation, containing in self._ignored
        )

    def _is_mistake(self, entry: Exchange) -> bool:
        planted = entry.reason == "planted"
        return entry.error in MISTAKES and entry.error not in self._tolerated and not planted

    def _note(self, change: JsonDict) -> None:
        sighting = sighting_of(change)
        if sighting is not None and self._is_by_the_bot(sighting):
            self.sightings.append(sighting)
        self._changed.set()

    def _is_by_the_bot(self, sighting: Sighting) -> bool:
        """Whether the bot caused it; a message that a person deletes is nobody's surprise."""
        author = self.workspace.messages[sighting.channel][sighting.ts].user
        if sighting.kind == "deletion":
            return self.people.deleting != (sighting.channel, sighting.ts)
        return author in (self.workspace.bot_user, NOTICE_AUTHOR)


def says(sighting: Sighting, texts: tuple[str, ...]) -> bool:
    """Whether all of these can be read in it."""
    return all(text in sighting.text for text in texts)


def words_for(entry: Exchange) -> str:
    """A refused exchange in a line."""
    what = f"{entry.name}: {entry.error}"
    return f"{what} ({entry.reason})" if entry.reason else what


def sighting_of(change: JsonDict) -> Sighting | None:
    """What a change of the workspace looks like to people; None for one that shows no message."""
    if change["kind"] == "message_deleted":
        return Sighting("deletion", change["channel"], change["ts"], "", "", "")
    if change["kind"] not in ("message", "message_changed"):
        return None
    message = change["message"]
    thread_ts, only = str(message.get("thread_ts", "")), str(message["ephemeral_to"])
    kind = "update"
    if change["kind"] == "message":
        in_thread = thread_ts not in ("", message["ts"])
        kind = "ephemeral" if only else ("reply" if in_thread else "post")
    return Sighting(kind, change["channel"], message["ts"], thread_ts, only, reads(message))
