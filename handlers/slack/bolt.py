"""Bolt's app for one workspace whose bot is already known."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.link import SlackLink


class _OneWorkspace(AsyncAuthorize):
    """Says who the bot is without asking Slack while somebody waits for their click."""

    def __init__(self, client: AsyncWebClient, link: SlackLink) -> None:
        self._client, self._link = client, link  # whose token may be rotated

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_context: Any
    ) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=self._client.token,
            bot_user_id=self._link.bot_user,
            bot_id=self._link.bot_id,
        )


def bolt_app(client: AsyncWebClient, link: SlackLink, signing_secret: str | None) -> AsyncApp:
    """An app without listeners, which runs a listener to its end and then acks, and never polls."""
    nameless = AsyncWebClient(  # Bolt warns of a token beside `authorize`, which gives it with each request
        base_url=client.base_url,
        session=client.session,
        timeout=client.timeout,
        retry_handlers=[],
        logger=client.logger,
    )
    nameless.proxy = client.proxy
    return AsyncApp(
        name="slack_bolt.baton",  # also the name of a logger, which is not to be ours
        logger=client.logger,  # Bolt's own would take the level of the root
        client=nameless,
        authorize=_OneWorkspace(client, link),
        signing_secret=signing_secret or "",
        request_verification_enabled=False,  # `events_route` has done so, by a clock that does not jump
        process_before_response=True,
        attaching_conversation_kwargs_enabled=False,
    )
