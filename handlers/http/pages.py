"""`/docs`: the OpenAPI description as one plain page that needs nothing from the network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }}
body {{ color: #1d1c1d; background: #fff; }}
section {{ border-top: 1px solid #ccc; padding: .5rem 0 1rem; }}
h2 {{ font-size: 1.1rem; }} h2 code {{ background: #eef; padding: .1rem .4rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; }}
th, td {{ border-bottom: 1px solid #eee; }}
pre {{ background: #f6f6f6; padding: .6rem; overflow-x: auto; }}
</style>
<h1>{title}</h1>
<p>{description} The same as JSON: <a href="openapi.json">openapi.json</a>.</p>
{body}
</html>
"""


def docs_page(app: FastAPI) -> APIRouter:
    """`/docs`, written from the app's own OpenAPI description."""
    routes = APIRouter()

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page_of(app.openapi()))

    return routes


def page_of(api: Mapping[str, Any]) -> str:
    """An OpenAPI description as HTML."""
    calls = (
        _call(method.upper(), path, call)
        for path, methods in api["paths"].items()
        for method, call in methods.items()
    )
    info = api["info"]
    return _PAGE.format(
        title=escape(info["title"]), description=escape(info.get("description", "")), body="\n".join(calls)
    )


def _call(method: str, path: str, call: Mapping[str, Any]) -> str:
    return "\n".join(
        [
            f"<section><h2><code>{method} {escape(path)}</code> {escape(call.get('summary', ''))}</h2>",
            f"<p>{escape(call.get('description', ''))}</p>",
            *_parameters(call),
            *_request(call),
            *_responses(call),
            "</section>",
        ]
    )


def _parameters(call: Mapping[str, Any]) -> Iterator[str]:
    for each in call.get("parameters", ()):
        words = f"{each.get('description', '')}, such as {each.get('example', '')}"
        yield f"<p><code>{escape(each['name'])}</code>: {escape(words)}</p>"


def _request(call: Mapping[str, Any]) -> Iterator[str]:
    content = call.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    one = schema.get("items", schema)
    if "description" in one:
        yield f"<p>{escape(one['description'])}</p>"
    if "properties" in one:
        rows = (
            f"<tr><td><code>{escape(name)}</code></td><td>{escape(field.get('description', ''))}</td></tr>"
            for name, field in one["properties"].items()
        )
        yield f"<table>{''.join(rows)}</table>"
    if "example" in one:
        yield _example([one["example"]] if "items" in schema else one["example"])


def _responses(call: Mapping[str, Any]) -> Iterator[str]:
    rows = (
        f"<tr><td><code>{escape(status)}</code></td><td>{escape(answer.get('description', ''))}"
        f"{_example_of(answer)}</td></tr>"
        for status, answer in sorted(call.get("responses", {}).items())
    )
    yield f"<table>{''.join(rows)}</table>"


def _example_of(answer: Mapping[str, Any]) -> str:
    content = answer.get("content", {}).get("application/json", {})
    return _example(content["example"]) if "example" in content else ""


def _example(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2))}</pre>"
