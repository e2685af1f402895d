"""The signed-HTTP transport: what happened in the workspace as `POST` requests to the bot's own address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from urllib.parse import urlencode

import aiohttp

from bot.clock import Clock
from bot.sandbox.slack.dispatch import ACK_SECONDS, Ack, Envelope
from bot.sandbox.slack.model import JsonDict

EVENT_RETRY_REASONS = {"timeout": "http_timeout", "http_error": "http_error"}


def signature(secret: str, timestamp: str, body: str) -> str:
    """Slack's `v0` signature of a request's body."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpMode:
    """Delivers envelopes to one URL. `skew` seconds are added to the signed moment, to try the bot."""

    def __init__(
        self, url: str, signing_secret: str, clock: Clock, *, ack_seconds: float = ACK_SECONDS
    ) -> None:
        self._clock = clock
        self.url = url
        self.signing_secret = signing_secret
        self.skew = 0
        self._ack_seconds = ack_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def connected(self) -> int:
        """There is always a URL to post to."""
        return 1

    async def verify(self) -> None:
        """The handshake of a new URL. Raises ConnectionError if the bot does not echo the challenge."""
        challenge = secrets.token_hex(16)
        body = {"type": "url_verification", "token": "verification", "challenge": challenge}
        ack = await self._post(json.dumps(body), "application/json", {})
        if not ack.ok or challenge not in json.dumps(ack.payload):
            raise ConnectionError(
                f"the bot at {self.url} did not echo the challenge: {ack.error} {ack.reason}"
            )

    async def deliver(self, envelope: Envelope) -> Ack:
        """See `Transport.deliver`."""
        headers: dict[str, str] = {}
        if envelope.retry_num:
            headers["X-Slack-Retry-Num"] = str(envelope.retry_num)
            headers["X-Slack-Retry-Reason"] = EVENT_RETRY_REASONS.get(
                envelope.retry_reason, envelope.retry_reason
            )
        body, content_type = encoded(envelope)
        return await self._post(body, content_type, headers)

    async def _post(self, body: str, content_type: str, headers: dict[str, str]) -> Ack:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._ack_seconds))
        system_time = int(self._clock.real().timestamp())  # what the bot checks it by
        timestamp = str(system_time + self.skew)
        signed = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.signing_secret, timestamp, body),
        }
        loop = asyncio.get_running_loop()
        started = loop.time()

        def took() -> float:
            return round((loop.time() - started) * 1000, 2)

        try:
            async with self._session.post(self.url, data=body.encode(), headers=signed | headers) as response:
                text = await response.text()
                no_retry = response.headers.get("X-Slack-No-Retry") == "1"
                if response.status != 200:
                    reason = f"HTTP {response.status}"
                    return Ack(took(), error="http_error", reason=reason, no_retry=no_retry)
                return Ack(took(), payload=ack_payload(text, response.content_type))
        except TimeoutError:
            return Ack(took(), error="timeout", reason="no ack in time")
        except aiohttp.ClientError as error:
            return Ack(took(), error="connection_failed", reason=str(error))

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def encoded(envelope: Envelope) -> tuple[str, str]:
    """The request body and its content type: JSON for events, forms for what people do."""
    if envelope.kind == "events_api":
        return json.dumps(envelope.body), "application/json"
    form = {"payload": json.dumps(envelope.body)} if envelope.kind == "interactive" else envelope.body
    return urlencode(form), "application/x-www-form-urlencoded"


def ack_payload(text: str, content_type: str) -> JsonDict:
    """What came in the body of an ack, a plain text as `{"text": …}`."""
    if not text.strip():
        return {}
    if content_type == "application/json":
        try:
            body = json.loads(text)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}
    return {"text": text}
