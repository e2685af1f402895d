"""Where leads come in as other tools send them: `[[intake]]`, and `[http]` for how Baton is reached.

What a preset knows of its tool, and how a body is read, is bot/intake's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from bot.agreement.fields import Frozen, Text, Variable, Variables, WebAddress
from bot.agreement.paths import compiled
from bot.agreement.vocabulary import Preset, Proof
from bot.agreement.wording import near, remedy, shown
from storage.models import LeadFields, member_of

LEAD_KEYS: Final = (
    *("external_id", "name", *LeadFields.model_fields, "amount", "owner", "qualified"),
    *("stage", "status", "closed_at", "activity", "activity_at", "activity_detail", "activities"),
)
"""The fields of a lead that a source may set, by a path or by a constant."""

NEEDS_NAME: Final = (Proof.HEADER, Proof.QUERY, Proof.BODY)
_SIGNED: Final = (Proof.HMAC_SHA256, Proof.HMAC_SHA256_BASE64, Proof.HMAC_SHA1)
_PROOF = re.compile(r"([a-z0-9_]+)(?::\s*([A-Za-z0-9_.-]{1,100}))?")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Auth:
    """How a source's requests are checked, and the name of the header, parameter or key that it is by."""

    proof: Proof
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Auth:
        """Read `bearer` or `header:X-Key`. Raises ValueError in words."""
        found = _PROOF.fullmatch(text.strip())
        word, name = (found[1], found[2] or "") if found else (text.partition(":")[0], "")
        proof = member_of(Proof, word)
        if proof is None or found is None:
            known = [each.value for each in Proof]
            raise ValueError(f"{shown(text)} is not a way to check a request; {remedy(word, known)}")
        named = (*NEEDS_NAME, *_SIGNED)
        if (proof in named) is not bool(name):
            how = f'"{proof}:X-Name"' if proof in named else f'"{proof}"'
            raise ValueError(f"{shown(text)} is not right; write {how}")
        return cls(proof, name)


def _auth(text: str) -> str:
    Auth.parse(text)
    return text


def _path(text: str) -> str:
    compiled(text)
    return text


def _origin(text: str) -> str:
    origin = text.strip().rstrip("/").lower()
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f'{shown(text)} is not an origin; write scheme and host, "https://www.example.com"')
    return origin


def _lead_key(key: str) -> str:
    """A field of a lead, or one of the sender's own that is no slip of one."""
    meant = near(key, LEAD_KEYS) if key not in LEAD_KEYS else None
    if meant is not None and _is_slip(key, meant):
        raise ValueError(f'"{key}" is not a field of a lead; did you mean "{meant}"?')
    return key


def _is_slip(key: str, meant: str) -> bool:
    """Whether at most two letters were added, lost or changed: then the other was meant."""
    from rapidfuzz.distance import DamerauLevenshtein  # a start does without it

    return int(DamerauLevenshtein.distance(key.casefold(), meant)) <= (1 if len(meant) < 7 else 2)


def _scalar(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise ValueError(f"{shown(value)} is not a field's value; write text or a number")
    return value


SourceName = Annotated[Text, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
LeadKey = Annotated[Text, AfterValidator(_lead_key)]
Path = Annotated[Text, AfterValidator(_path)]
Origin = Annotated[Text, AfterValidator(_origin)]
AuthText = Annotated[Text, AfterValidator(_auth)]
PublicKey = Annotated[Text, Field(pattern=r"^[A-Za-z0-9_-]{8,80}$")]
Scalar = Annotated[Any, BeforeValidator(_scalar)]


class Intake(Frozen):
    """One tool that sends leads, served as `POST /intake/<name>`; `name` is the system of its ids.

    `secret_env` and `verify_token_env` name variables of the environment; of two secrets, while one is being
    changed, either will do. `public_key` stands in a web page
    and keeps nobody out: with it only browsers on `origins` may post, each address a few times a minute, and
    a form whose `honeypot` is filled in is taken for a robot's. `constants` are the fields that are the same
    for every lead.
    """

    name: SourceName
    preset: Preset = Preset.PLAIN
    secret_env: Variables = ()
    verify_token_env: Variable | None = None
    auth: AuthText | None = None
    public_key: PublicKey | None = None
    origins: tuple[Origin, ...] = ()
    honeypot: Text | None = None
    constants: dict[LeadKey, Scalar] = Field(default_factory=dict)
    fields: dict[LeadKey, Path] = Field(default_factory=dict)
    values: dict[LeadKey, dict[str, Scalar]] = Field(default_factory=dict)


class Http(Frozen):
    """How Baton is reached over HTTP. Tools that sign the address sign this one, without a path."""

    public_url: WebAddress | None = None


def with_constants(row: Any) -> Any:
    """A table of `[[intake]]` whose fields of a lead (`campaign = "q4"`) are put together as constants."""
    if not isinstance(row, dict):
        return row
    apart = {key: value for key, value in row.items() if key in LEAD_KEYS and key != "name"}
    if not apart:
        return row
    written = row.get("constants")
    rest = {key: value for key, value in row.items() if key not in apart}
    return {**rest, "constants": {**(written if isinstance(written, dict) else {}), **apart}}


def faults_of_source(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What does not fit together in one table of `[[intake]]`: the key, and what to do about it."""
    yield from (_faults_of_public if "public_key" in row else _faults_of_secret)(row)
    if row.get("preset") == Preset.META_LEADGEN and "verify_token_env" not in row:
        yield "verify_token_env", 'is missing; add verify_token_env = "META_VERIFY_TOKEN"'
    if row.get("name") in RESERVED:
        yield "name", f'"{row["name"]}" is a door of Baton\'s own; write another name'


def _faults_of_secret(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "secret_env" not in row:
        yield "secret_env", 'is missing; add secret_env = "NAME_OF_A_VARIABLE"'
    for key in ("origins", "honeypot"):
        if row.get(key):
            yield key, "only goes with public_key; take it out, or add public_key"


def _faults_of_public(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("secret_env", "auth"):
        if key in row:
            yield key, "does not go with public_key, which is not a secret; remove one of them"
    if not row.get("origins"):
        yield "origins", 'is missing; add origins = ["https://www.example.com"]'


RESERVED: Final = frozenset(("api", "activity", "import", "baton", "slack", "crm"))
"""Names that would be taken for another door's."""
