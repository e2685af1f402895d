"""From the file to the agreement, or to everything that is wrong with it.

What the keys mean is said in bot/agreement/model.py. Which file to read, and what to do without one, is the
caller's decision.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.agreement.checks import findings
from bot.agreement.extending import DEFAULT, EXTENDS, extended
from bot.agreement.faults import AgreementFaults, AgreementMissing, Fault, Loc, faults_of, place_of
from bot.agreement.model import Agreement, reshape

_TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_TOML_REMEDIES = (
    ("Expected '='", "write key = value"),
    ("Invalid value", "text goes in quotes, a list in brackets, true and false in small letters"),
    ("Cannot", "name each key and each table once; a further item of a list begins with [[its name]]"),
    ("Unclosed", "close the bracket or brace"),
    ("Unterminated", "close the quotes"),
    ("Illegal character", "close the quotes on the same line"),
    ("Unescaped", "put patterns between single quotes, in which a backslash stays one"),
    ("Expected newline", "put one key on a line"),
)


@dataclass(frozen=True)
class LoadedAgreement:
    """An agreement as it is kept: the value, the text it was read from, and that text's SHA-256 in hex."""

    agreement: Agreement
    text: str
    hash: str


_LARGEST = 10_000_000  # bytes; what is named by mistake may have no end


def load_agreement(path: Path) -> LoadedAgreement:
    """Read a file. Raises AgreementMissing where there is none, AgreementFaults with all that is wrong."""
    return loaded(file_text(path))


def file_text(path: Path) -> str:
    """The text of a file as it stands there, byte-order mark and line ends included.

    Raises AgreementMissing, and AgreementFaults where it cannot be read or is no UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise AgreementMissing(path) from None
    except OSError as error:
        raise AgreementFaults(
            [Fault(str(path), f"cannot be read ({error.strerror}); it must be a file that Baton may read")]
        ) from None
    if len(content) > _LARGEST:
        raise AgreementFaults([Fault(str(path), "is over 10 MB, as no agreement is; name another file")])
    return _decoded(content)


@cache
def default_agreement() -> LoadedAgreement:
    """The built-in agreement, comments and all: what `init` writes and the demo runs on."""
    return load_agreement(Path(__file__).with_name("default_agreement.toml"))


def loaded(text: str) -> LoadedAgreement:
    """Read a text. The hash does not depend on line ends or a byte-order mark. Raises AgreementFaults."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    agreement = parse_agreement(text)
    if EXTENDS in text and EXTENDS in (data := _tables(text)):
        import tomlkit  # most starts do without it

        # Kept as a whole: another Baton may have another built-in agreement.
        text = tomlkit.dumps(extended(data, _built_in()))
    return LoadedAgreement(agreement, text, hashlib.sha256(text.encode()).hexdigest())


@cache
def _built_in() -> dict[str, Any]:
    return _tables(Path(__file__).with_name("default_agreement.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=8)  # the file, the version kept of it and the one proposed are mostly the same text
def parse_agreement(text: str) -> Agreement:
    """The agreement that a text holds. Raises AgreementFaults with every fault, in the order of the file."""
    data = _tables(text)
    if data.get(EXTENDS, DEFAULT) != DEFAULT:
        raise AgreementFaults([Fault(EXTENDS, f'can only be "{DEFAULT}", the built-in agreement')])
    data = extended(data, _built_in()) if EXTENDS in data else data
    shaped = reshape(data)
    found: list[tuple[Loc, Fault]] = []
    agreement = None
    try:
        agreement = Agreement.model_validate(shaped)
    except ValidationError as error:
        found = faults_of(error.errors(include_url=False), shaped)
    found += [(loc, Fault(place_of(loc, shaped), message)) for loc, message in findings(shaped)]
    if agreement is None or found:
        raise AgreementFaults(_in_order(found, list(data)))
    return agreement


def _in_order(found: list[tuple[Loc, Fault]], keys: list[str]) -> list[Fault]:
    """The faults in the order of the file's tables, what is missing altogether first, nothing twice."""

    def position(item: tuple[Loc, Fault]) -> int:
        table = str(item[0][0]).partition(".")[0] if item[0] else ""
        return keys.index(table) if table in keys else -1

    return list(dict.fromkeys(fault for _, fault in sorted(found, key=position)))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise AgreementFaults(
            [
                Fault(
                    f"line {line}, column {column}",
                    "is not UTF-8 text; save the file with the encoding UTF-8",
                )
            ]
        ) from None


def _tables(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AgreementFaults([_toml_fault(str(error), text)]) from None
    except TypeError:  # of a kept version, whatever else stands in its place
        raise AgreementFaults([Fault("", "The file is not text; write it anew")]) from None
    except (ValueError, RecursionError):
        raise AgreementFaults(
            [
                Fault(
                    "",
                    "The file nests too deep or holds too long a number; write it flatter, or shorten it",
                )
            ]
        ) from None


def _toml_fault(message: str, text: str) -> Fault:
    match = _TOML_PLACE.fullmatch(message)
    what, line, column = match.groups() if match else (message, None, None)
    remedy = next(
        (cure for sign, cure in _TOML_REMEDIES if sign in what), "write key = value, [table] or # comment"
    )
    lines = text.split("\n")
    place = f"line {line or len(lines)}, column {column or len(lines[-1]) + 1}"
    return Fault(place, f"is not TOML ({what[:1].lower()}{what[1:]}); {remedy}")
