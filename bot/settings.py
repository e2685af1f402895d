"""The environment, read once into frozen Settings. A `.env` file is read too; the environment wins.

Everything that is wrong is said together, in words. Whether the database and Slack answer is not asked here.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict, SecretStr

SLACK = "https://slack.com/api/"
PROGRAM = "baton" if Path(sys.argv[0]).stem == "baton" else "python app.py"
"""How a command of Baton begins where it was started: as it was installed, or from a checkout."""
_INTAKE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_OAUTH = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
_SLACK_RUN = {"SLACK_CLI_XOXB": "SLACK_BOT_TOKEN", "SLACK_CLI_XAPP": "SLACK_APP_TOKEN"}
"""How `slack run` names the tokens of the app that it has installed; its newer versions give both names."""


class SettingsFaults(ValueError):
    """All that is wrong with the environment, a sentence for each variable."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        lines = "".join(f"\n  {name}: {fault}" for name, fault in faults.items())
        super().__init__(f"The environment cannot be used as it is:{lines}")


class Settings(BaseModel):
    """What the environment says. `intake_tokens` maps each bearer token to the name it goes by.

    `variables` are all that are set, for those whose names stand in the agreement. `env_file` is where they
    were read from; None for settings that somebody made by hand, as the demo does. `outvoted` names what that
    file sets otherwise than the environment, which wins.
    """

    model_config = ConfigDict(frozen=True)

    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = SLACK
    database_url: SecretStr = SecretStr("sqlite:///baton.db")
    agreement: Path = Path("agreement.toml")
    intake_tokens: dict[SecretStr, str] = {}
    monitor_token: SecretStr | None = None
    host: str = "127.0.0.1"
    port: int = 3000
    log_format: Literal["text", "json"] = "text"
    variables: dict[str, SecretStr] = {}
    env_file: Path | None = None
    outvoted: tuple[str, ...] = ()

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is reached over Socket Mode; else it posts to `/slack/events`."""
        return self.slack_app_token is not None

    def secrets(self) -> tuple[str, ...]:
        """Every value that no log may show."""
        tokens = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret, *self.intake_tokens)
        tokens = (*tokens, self.monitor_token)
        return tuple(token.get_secret_value() for token in tokens if token is not None)

    def variable(self, name: str | None) -> str | None:
        """What a variable of the environment holds; None where it is unset or empty."""
        found = self.variables.get(name or "")
        return found.get_secret_value() or None if found is not None else None

    def names_by_token(self) -> dict[str, str]:
        """The name behind each bearer token of the intake, in plain text."""
        return {token.get_secret_value(): name for token, name in self.intake_tokens.items()}


_UNLESS_SET = {
    "slack_bot_token": "",
    "slack_app_token": "",
    "slack_signing_secret": "",
    "slack_api_url": SLACK,
    "database_url": "sqlite:///baton.db",
    "agreement": "agreement.toml",
    "intake_token": "",
    "monitor_token": "",
    "host": "127.0.0.1",
    "port": "3000",
    "log_format": "text",
}
"""The variables in small letters; their case does not matter."""


def load_settings(*, env_file: Path = Path(".env"), with_slack: bool = True) -> Settings:
    """Read the environment. Raises SettingsFaults naming everything that is wrong.

    `with_slack` False is for commands that never talk to Slack: its tokens may be missing then.
    """
    try:
        written, variables = _variables(env_file)
    except OSError as error:
        raise SettingsFaults(
            {str(env_file): f"cannot be read ({error.strerror}); put a file there that this user may read."}
        ) from None
    except UnicodeDecodeError:
        raise SettingsFaults({str(env_file): "is not UTF-8 text; save it with the encoding UTF-8."}) from None
    if strays := _stray_lines(env_file):
        place = f"{env_file}, line {strays[0]}"
        raise SettingsFaults({place: "does not read NAME=value. Correct it, or remove it."})
    set_ = {name.lower(): value for name, value in variables.items()}
    raw = {name: set_.get(name, unless) for name, unless in _UNLESS_SET.items()}
    faults: dict[str, str] = {}
    tokens = _intake_tokens(raw.pop("intake_token"), faults)
    for name, check in _CHECKS.items():
        if fault := check(raw[name]):
            faults[name.upper()] = fault
    if with_slack:
        faults |= _missing(raw)
    if all(os.environ.get(name) for name in _OAUTH):  # Bolt reads them by itself, and then ignores the token
        faults[" and ".join(_OAUTH)] = (
            "these belong to apps that are installed in many workspaces, and Slack's library would ignore "
            "SLACK_BOT_TOKEN for them. Baton serves one workspace: unset both."
        )
    if faults:
        raise SettingsFaults(faults)
    return Settings.model_validate(
        {name: value for name, value in raw.items() if value}
        | {"slack_bot_token": raw["slack_bot_token"], "intake_tokens": tokens}
        | {"variables": variables, "env_file": env_file}
        | {"outvoted": tuple(name for name, value in written.items() if variables[name] != value)}
    )


def _variables(env_file: Path) -> tuple[dict[str, str], dict[str, str]]:
    """What the file sets, and what is set in all.

    An empty variable is not set; a blank that strayed to the end of a value is none of it.
    """
    if not env_file.is_file() and (
        env_file.exists() or env_file.is_symlink()
    ):  # to read a pipe takes for ever
        raise OSError(errno.EINVAL, "it is a directory, a pipe, or a link that leads nowhere")
    written, environment = _set(dotenv_values(env_file, encoding="utf-8")), _set(os.environ)
    given = {name: environment[theirs] for theirs, name in _SLACK_RUN.items() if theirs in environment}
    return written, written | given | environment


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value.strip() for name, value in values.items() if value and value.strip()}


def _stray_lines(env_file: Path) -> list[int]:
    """The lines of which nothing was understood, and which set nothing."""
    if not env_file.is_file():
        return []
    with env_file.open(encoding="utf-8") as file:
        strays = [each.original for each in parse_stream(file) if each.error]
    return [each.line + len(each.string) - len(each.string.lstrip("\n")) for each in strays]


def _missing(raw: Mapping[str, str]) -> dict[str, str]:
    faults = {}
    if not raw["slack_bot_token"]:
        faults["SLACK_BOT_TOKEN"] = (
            "is missing. It is the Bot User OAuth Token (xoxb-…), under OAuth & Permissions in the app's "
            "settings."
        )
    if not (raw["slack_app_token"] or raw["slack_signing_secret"]):
        faults["SLACK_APP_TOKEN"] = (
            "is missing, and so is SLACK_SIGNING_SECRET; one of them says how Slack reaches Baton. Give the "
            "app-level token (xapp-…) for Socket Mode, which needs no public address, or the signing secret "
            "for HTTP. Both are under Basic Information in the app's settings."
        )
    return faults


def _bot_token(value: str) -> str | None:
    if not value or value.startswith("xoxb-"):
        return None
    return "does not begin with xoxb-. Give the Bot User OAuth Token under OAuth & Permissions."


def _app_token(value: str) -> str | None:
    if not value or value.startswith("xapp-"):
        return None
    return (
        "does not begin with xapp-. Give an app-level token with the scope connections:write, under Basic "
        "Information, or leave it out for HTTP mode."
    )


def _api_url(value: str) -> str | None:
    try:
        parts = urlsplit(value)
    except ValueError:  # brackets that are no IPv6 address
        return f"“{value}” is not an address. Write one like {SLACK}."
    if parts.scheme in ("http", "https") and parts.netloc and parts.path.endswith("/api/"):
        if parts.scheme == "https" or _is_this_machine(parts.hostname or ""):
            return None
        return f"“{value}” would send the token unencrypted to another machine; write https://."
    return f"“{value}” is not the base of a Web API; it begins with http:// or https:// and ends in /api/."


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _port(value: str) -> str | None:
    if value.isascii() and value.isdigit() and int(value) <= 65535:
        return None
    return f"“{value}” is not a port; give a number from 0 to 65535 (0 takes any free one)."


def _log_format(value: str) -> str | None:
    return None if value in ("text", "json") else f"“{value}” is not known; write text or json."


_CHECKS = {
    "slack_bot_token": _bot_token,
    "slack_app_token": _app_token,
    "slack_api_url": _api_url,
    "port": _port,
    "log_format": _log_format,
}


def _intake_tokens(value: str, faults: dict[str, str]) -> dict[SecretStr, str]:
    """`name:token, name:token`, or a lone token, which is named `default`. The tokens are in no fault."""
    tokens: dict[SecretStr, str] = {}
    for entry in filter(None, (part.strip() for part in value.split(","))):
        name, colon, token = (part.strip() for part in entry.rpartition(":"))
        name = name if colon else "default"
        secret = SecretStr(token)
        if not token or not _INTAKE_NAME.fullmatch(name):
            faults["INTAKE_TOKEN"] = (
                "is not name:token, name:token. A name is letters, digits, dots, dashes and underscores, and "
                "neither part may be empty."
            )
        elif name in tokens.values() or secret in tokens:
            faults["INTAKE_TOKEN"] = "gives a name or a token twice; each caller has one of its own."
        else:
            tokens[secret] = name
    return tokens
