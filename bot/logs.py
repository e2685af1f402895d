"""The log: one line a record, as text or JSON, with the trace that ties a click to its deliveries.

No token and no e-mail address leaves through it: what is about to be written is read over once more here.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

NO_TRACE = "-"
_trace: ContextVar[str] = ContextVar("trace")
FIELDS = ("event", "actor", "lead", "handoff")
"""What a line may say of beside its message: what was done, by whom, to which lead and handoff."""
_SHORT, _LONG = 6, 16  # bytes
_length = _SHORT

_IN_MAILBOX = r"[^\s@<>\"'(),;:\[\]{}=|\\/]"
_SECRETS = (
    (re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[\w.-]+"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), r"\1 [token]"),
    (re.compile(r"(?i)\b(ticket|token|secret|password|access_key)=[^\s&\"']+"), r"\1=[token]"),
    (re.compile(r"(https?://hooks\.slack\.com/)[^\s\"'>]+"), r"\1[token]"),
    # From the beginning of a word on alone: a word of a hundred thousand letters is looked at once.
    (re.compile(rf"(?<!{_IN_MAILBOX}){_IN_MAILBOX}+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
)
# What the libraries say matters only when it is a warning; Slack's SDK also builds its debug lines when its
# level is not set, which costs time on every click.
_LIBRARIES = (
    "aiohttp",
    "alembic",
    "apscheduler",
    "asyncio",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "uvicorn",
    "uvicorn.error",
)
_NEEDLESS = "`token` will be unused."
_NO_TRACEBACK = ("Failed to connect", "Failed to check the current session")


def trace() -> str:
    """The trace of the click or call at hand; the first to ask begins it."""
    try:
        return _trace.get()
    except LookupError:
        return begin_trace()


def begin_trace(told: str | None = None) -> str:
    """Begin a new trace in this task, under the name that the caller told if there is one."""
    fresh = told or secrets.token_hex(_length)
    _trace.set(fresh)
    return fresh


def use_long_traces(wanted: bool = True) -> None:
    """Let new traces be as long as OpenTelemetry's trace ids, so that they can be the same."""
    global _length
    _length = _LONG if wanted else _SHORT


class Redactor:
    """Takes tokens and e-mail addresses out of a text, and any other secret that it was told of."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._words: set[str] = set()
        self.learn(known)

    def learn(self, known: Iterable[str]) -> None:
        """Take these secrets out too, from now on."""
        self._words |= {word for word in known if len(word) >= 4}
        words = sorted(self._words, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        """The text as it may be written."""
        if self._known is not None:
            text = self._known.sub("[token]", text)
        for pattern, instead in _SECRETS:
            text = pattern.sub(instead, text)
        return text


class _Line(logging.Formatter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self.redact = redact

    def parts(self, record: logging.LogRecord) -> dict[str, str | int]:
        """What a line says, by name."""
        found: dict[str, str | int] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "trace": getattr(record, "trace", None) or _trace.get(NO_TRACE),
            "message": self.redact(record.getMessage()),
        }
        if record.exc_info:
            found["error"] = self.redact(self.formatException(record.exc_info))
        return found


class TextLines(_Line):
    """A line for people; an exception follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        parts = self.parts(record)
        message = str(parts["message"]).replace("\n", "\\n")
        line = f"{parts['at']} {parts['level']:<7} {parts['trace']} {parts['logger']}: {message}"
        return f"{line}\n{parts['error']}" if "error" in parts else line


class JsonLines(_Line):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        told = {name: getattr(record, name, None) for name in FIELDS}
        known = {name: value for name, value in told.items() if value is not None}
        return json.dumps(self.parts(record) | known, ensure_ascii=False)


def set_up_logs(
    form: Literal["text", "json"], *, known_secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send all logging, redacted, to one stream, standard error by default; replaces what was set up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter((JsonLines if form == "json" else TextLines)(Redactor(known_secrets)))
    handler.addFilter(_worth_a_line)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    tame_libraries()
    logging.captureWarnings(True)


def last_words(text: str) -> None:
    """Say on the standard error why this ends: in plain words, or as a line of the log where that is JSON."""
    if any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger().handlers):
        logging.getLogger("baton").critical("%s", text)
    else:
        print(text, file=sys.stderr)


def hide(secrets: Iterable[str]) -> None:
    """Let no line show these any more, whatever logging was set up for."""
    known = list(secrets)
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Line):
            handler.formatter.redact.learn(known)


def tame_libraries() -> None:
    """Let the libraries speak up only when something is wrong."""
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def _worth_a_line(record: logging.LogRecord) -> bool:
    """Slack being out of reach is a sentence, not a traceback every ten seconds; and Bolt's remark that it
    does not use the token of the environment says nothing that we did not want."""
    if record.name.startswith("slack_"):
        message = record.getMessage()
        if message.startswith(_NO_TRACEBACK):
            record.exc_info = record.exc_text = None
        return not message.endswith(_NEEDLESS)
    return True
