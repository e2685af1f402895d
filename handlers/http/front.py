"""What the server serves: who watches is answered at once, and the API behind is loaded for the first call.

FastAPI and the routes are a fifth of a start, and as much of what a Baton holds as all its tables; one that
takes no leads over HTTP does without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from handlers.http.monitors import MonitorsOnly
from handlers.http.traced import Traced
from handlers.http.watched import Asked, Watched

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


_LOOKS = frozenset({"GET", "HEAD"})


class Front:
    """`load` gives the API, once; it is called in a thread. `monitor_token` as in `build_api`.

    `awaited`: whether calls of the API are to be expected, so that it is well loaded before the first.
    """

    def __init__(
        self,
        answers: Mapping[str, Asked],
        load: Callable[[], ASGIApp],
        monitor_token: Callable[[], str | None],
        *,
        awaited: bool = False,
    ) -> None:
        self._answers, self._load = answers, load
        self._watched = Traced(MonitorsOnly(Watched(answers), token=monitor_token))
        self.awaited = awaited
        self._api: ASGIApp | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call; what the API would answer with no more than a method not allowed is its too."""
        watches = scope["type"] == "http" and scope["method"] in _LOOKS and scope["path"] in self._answers
        app = self._watched if watches else await self.api()
        await app(scope, receive, send)

    async def api(self) -> ASGIApp:
        """The API, loaded now unless it was before."""
        async with self._loading:
            if self._api is None:
                self._api = await asyncio.to_thread(self._load)
        return self._api
