"""The tokens that Baton goes by now: read again without a restart, so that they can be rotated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.intake.sources import Variable
from bot.logs import hide
from bot.settings import Settings, SettingsFaults, load_settings

_log = logging.getLogger("baton")


class _Socket(Protocol):
    def rotate(self, app_token: str) -> None: ...


class Tokens:
    """What Slack, callers and tools are recognised by. Whoever uses one asks here each time.

    They are read again where they were read first; those that nobody read, such as the demo's, stay.
    `named` gives the secrets that the agreement in force names, which no log may show.
    """

    def __init__(
        self,
        settings: Settings,
        client: AsyncWebClient,
        socket: _Socket | None,
        read: Callable[[], Settings] | None = None,
        named: Callable[[Variable], Iterable[str]] = lambda _: (),
    ) -> None:
        self._named = named
        self._client, self._socket, self._read = client, socket, read or self._from_its_file
        self._settings = settings
        self.names: dict[str, str] = {}
        self.monitor: str | None = None
        self.signing = ""
        self._go_by(settings)

    def variable(self, name: str | None) -> str | None:
        """What a variable that the agreement names holds now; None where it is unset or empty."""
        return self._settings.variable(name)

    def hide_named(self) -> None:
        """Let no log show what the agreement in force names."""
        hide(self._named(self.variable))

    def read_again(self) -> bool:
        """Go by what `.env` and the environment say now. False if that is faulty: then nothing changes."""
        try:
            settings = self._read()
        except SettingsFaults as faults:
            _log.error("the tokens stay as they were: %s", faults)
            return False
        hide(settings.secrets())
        self._client.token = settings.slack_bot_token.get_secret_value()
        if self._socket is not None and settings.slack_app_token is not None:
            self._socket.rotate(settings.slack_app_token.get_secret_value())
        self._go_by(settings)
        self.hide_named()
        _log.info("the tokens were read again")
        if settings.outvoted:
            _log.warning(
                "the environment sets %s otherwise than .env, and wins: change it there, and restart Baton",
                ", ".join(settings.outvoted),
            )
        return True

    def _from_its_file(self) -> Settings:
        file = self._settings.env_file
        return load_settings(env_file=file) if file is not None else self._settings

    def _go_by(self, settings: Settings) -> None:
        self._settings = settings
        self.names.clear()
        self.names.update(settings.names_by_token())
        self.monitor = settings.monitor_token.get_secret_value() if settings.monitor_token else None
        secret = settings.slack_signing_secret
        self.signing = secret.get_secret_value() if secret else ""
