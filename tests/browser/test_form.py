"""The form of docs/integrate.md in a page of another origin, in a real browser: the origin is asked for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser

import app
from bot.agreement import default_agreement, loaded
from handlers.http.server import HttpServer
from storage import leads
from storage.database import Database
from tests.handlers.http.api_client import api_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TEXT = (Path(app.__file__).parent / "docs" / "integrate.md").read_text(encoding="utf-8")
HTML = re.search(r"```html\n(.*?)\n *```", TEXT, re.DOTALL)


@asynccontextmanager
async def _serving(api: FastAPI) -> AsyncIterator[str]:
    server = HttpServer(api, "127.0.0.1", 0)
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop()


@asynccontextmanager
async def _page_and_baton(database: Database, *, welcome: bool) -> AsyncIterator[str]:
    """A web page with the form, at an origin of its own, and Baton at another."""
    page = FastAPI()
    async with _serving(page) as origin:
        table = (
            f'\n[[intake]]\nname = "website"\npublic_key = "website-2026"\nhoneypot = "fax"\n'
            f'origins = ["{origin if welcome else "https://www.example.com"}"]\n'
        )
        async with _serving(api_of(database, agreement=loaded(default_agreement().text + table))) as baton:
            assert HTML is not None
            html = HTML[1].replace("https://baton.example.com", baton)
            page.get("/")(lambda: HTMLResponse(f"<!doctype html><title>Contact</title>{html}"))
            yield origin


@pytest.mark.parametrize(("welcome", "says"), [(True, "Thank you"), (False, "try again")])
async def test_a_visitor_sends_the_form(
    chromium: Browser, sqlite_url: str, *, welcome: bool, says: str
) -> None:
    database = Database.open(sqlite_url)
    async with _page_and_baton(database, welcome=welcome) as origin:
        page = await chromium.new_page()
        await page.goto(origin)
        await page.fill("[name=name]", "Ada Lind")
        await page.fill("[name=email]", "ada@fabrikam.example")
        await page.fill("[name=employees]", "Just me")
        await page.click("button")
        await page.get_by_text(says).wait_for(timeout=30_000)
        await page.close()
    lead = await asyncio.to_thread(database.read_now, leads.get, 1)
    database.close()
    assert (lead is not None) is welcome
    if lead is not None:
        assert (lead.first_name, lead.email, lead.employees) == ("Ada", "ada@fabrikam.example", 1)
