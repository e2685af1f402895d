"""The Web API's front door: reads a call, checks token, scope and rate, lets planted faults strike, answers.

What each method does is in the `api_…` modules; the table below says which there are and who may call them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.slack import api_chat, api_files, api_functions, api_reading, api_views
from bot.sandbox.slack.context import Context
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.faults import FaultKind, Faults, PlantedFault
from bot.sandbox.slack.limits import RateLimits
from bot.sandbox.slack.model import JsonDict
from bot.sandbox.slack.traffic import Exchange, Traffic

Run = Callable[[Context, JsonDict], JsonDict]


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Web API. `token`: whose it takes, `bot`, `app` or `none`; `scope`: empty for none."""

    run: Run
    scope: str = ""
    token: str = "bot"


METHODS: dict[str, Method] = {
    "api.test": Method(api_reading.api_test, token="none"),
    "auth.test": Method(api_reading.auth_test),
    "bots.info": Method(api_reading.bot_info, "users:read"),
    "blocks.validate": Method(api_chat.validate_blocks, token="none"),
    "chat.postMessage": Method(api_chat.post_message, "chat:write"),
    "chat.postEphemeral": Method(api_chat.post_ephemeral, "chat:write"),
    "chat.update": Method(api_chat.update, "chat:write"),
    "chat.delete": Method(api_chat.delete, "chat:write"),
    "chat.getPermalink": Method(api_chat.permalink),
    "reactions.add": Method(api_chat.add_reaction, "reactions:write"),
    "functions.completeSuccess": Method(api_functions.complete),
    "functions.completeError": Method(api_functions.fail),
    "files.info": Method(api_files.info, "files:read"),
    "files.getUploadURLExternal": Method(api_files.upload_url, "files:write"),
    "files.completeUploadExternal": Method(api_files.complete_upload, "files:write"),
    "views.open": Method(api_views.open_view),
    "views.push": Method(api_views.push_view),
    "views.update": Method(api_views.update_view),
    "views.publish": Method(api_views.publish_view),
    "conversations.open": Method(api_reading.open_conversation, "im:write"),
    "conversations.list": Method(api_reading.list_conversations),
    "conversations.info": Method(api_reading.conversation_info),
    "conversations.members": Method(api_reading.conversation_members),
    "conversations.history": Method(api_reading.history),
    "conversations.replies": Method(api_reading.replies),
    "conversations.join": Method(api_reading.join, "channels:join"),
    "users.info": Method(api_reading.user_info, "users:read"),
    "users.list": Method(api_reading.list_users, "users:read"),
    "users.lookupByEmail": Method(api_reading.lookup_by_email, "users:read.email"),
    "usergroups.list": Method(api_reading.list_groups, "usergroups:read"),
    "usergroups.users.list": Method(api_reading.group_members, "usergroups:read"),
}
PASSING_ERRORS = {
    FaultKind.INTERNAL_ERROR: "internal_error",
    FaultKind.INTERNAL_ERROR_AFTER: "internal_error",
    FaultKind.FATAL_ERROR: "fatal_error",
    FaultKind.FATAL_ERROR_AFTER: "fatal_error",
}


class WebApi:
    """Answers `/api/{method}`. `bot_token` and `app_token` are the only ones it knows."""

    def __init__(
        self,
        context: Context,
        *,
        bot_token: str,
        app_token: str,
        limits: RateLimits,
        faults: Faults,
        traffic: Traffic,
        speed: Callable[[], float],
    ) -> None:
        self.context = context
        self.tokens = {"bot": bot_token, "app": app_token}
        self.revoked: set[str] = set()
        self.limits = limits
        self.faults = faults
        self.traffic = traffic
        self._speed = speed
        self.methods = dict(METHODS)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, and note it in the traffic log."""
        method = request.match_info["method"]
        loop = asyncio.get_running_loop()
        started = loop.time()
        args = await arguments(request)
        fault = self.faults.strike(method, args)
        if fault is not None and fault.kind is FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        error, reason, response = self._answer(method, args, fault)
        self.traffic.add(
            Exchange(
                "in",
                method,
                ok=not error,
                ms=round((loop.time() - started) * 1000, 2),
                error=error,
                reason=reason,
                channel=str(args.get("channel", "")),
                at=self.context.workspace.clock.wire().isoformat(),
            )
        )
        if response is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return response

    def _answer(
        self, method: str, args: JsonDict, fault: PlantedFault | None
    ) -> tuple[str, str, web.StreamResponse | None]:
        """The error's name, its reason, and the response; None for a connection that breaks."""
        if fault is not None and not fault.kind.after and fault.kind is not FaultKind.SLOW:
            return self._struck(fault)
        try:
            body = {"ok": True} | self._run(method, args)
        except ApiError as error:
            if fault is not None and fault.kind.after:
                return self._struck(fault)
            return error.name, error.reason, self._refusal(method, error)
        if fault is not None and fault.kind.after:
            return self._struck(fault)
        return "", "", web.json_response(body, headers=self._headers(method))

    def _run(self, method: str, args: JsonDict) -> JsonDict:
        known = self.methods.get(method)
        if known is None:
            raise ApiError("unknown_method", req_method=method)
        if args.get("malformed") is True:
            raise ApiError("invalid_json")
        self._check_token(known, str(args.pop("token", "")))
        if known.scope:
            self.context.require(known.scope)
        now = self.context.workspace.clock.wire()
        wait = self.limits.wait(method, self._place(args), now, speed=self._speed())
        if wait:
            raise ApiError("ratelimited", retry_after=wait)
        return known.run(self.context, args)

    def _place(self, args: JsonDict) -> str:
        """The conversation whose pace a call counts against; a user id means that person's direct one."""
        named = str(args.get("channel", ""))
        return "D" + named[1:] if named in self.context.workspace.people else named

    def _check_token(self, method: Method, token: str) -> None:
        if method.token == "none":
            return
        if not token:
            raise ApiError("not_authed")
        if token in self.revoked:
            raise ApiError("token_revoked")
        if token not in self.tokens.values():
            raise ApiError("invalid_auth")
        if token != self.tokens[method.token]:
            raise ApiError("not_allowed_token_type")

    def _refusal(self, method: str, error: ApiError) -> web.Response:
        if error.name == "ratelimited":
            return too_many(str(error.extra["retry_after"]))
        return web.json_response(error.to_api(), headers=self._headers(method))

    def _struck(self, fault: PlantedFault) -> tuple[str, str, web.StreamResponse | None]:
        """What a planted fault does to the call it strikes."""
        reason = "planted"
        if fault.kind.drops:
            return "connection_dropped", reason, None
        if fault.kind is FaultKind.RATE_LIMITED:
            return "ratelimited", reason, too_many(f"{fault.seconds:g}")
        if fault.kind in (FaultKind.SERVER_ERROR, FaultKind.SERVER_ERROR_AFTER):
            page = web.Response(status=503, text="<html>Service Unavailable</html>", content_type="text/html")
            return "http_503", reason, page
        if fault.kind is FaultKind.UNTOLD_AFTER:
            return "untold", reason, web.json_response({"ok": True})
        name = PASSING_ERRORS.get(fault.kind, fault.error or "internal_error")
        return name, reason, web.json_response({"ok": False, "error": name})

    def _headers(self, method: str) -> dict[str, str]:
        known = self.methods.get(method)
        return {
            "x-oauth-scopes": ",".join(self.context.scopes),
            "x-accepted-oauth-scopes": known.scope if known else "",
        }


def too_many(seconds: str) -> web.Response:
    """The answer to a call that came too soon."""
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": seconds})


async def arguments(request: web.Request) -> JsonDict:
    """A call's arguments and token, however they were sent: in the address, as a form or as JSON."""
    args: JsonDict = dict(request.query)
    if request.method == "POST" and request.can_read_body:
        if request.content_type == "application/json":
            try:
                body = json.loads(await request.text())
            except ValueError:
                body = None
            args |= body if isinstance(body, dict) else {"malformed": True}
        else:
            args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        args["token"] = token.strip()
    return args
