"""The files a browser loads, and the few answers that are built from a text or a blob.

Rules: assets are a fixed set, read once, so no path of a request ever reaches the file system. Text
of ours becomes HTML by escaping first and marking up after. A file is always a download with a
plain name and a harmless type: the page shows pictures itself.
"""

from __future__ import annotations

import html
import re
from importlib.resources import files

from aiohttp import web

from bot.model import Attachment

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_FILE_TYPES = frozenset({"image/jpeg", "image/png", "application/json", "application/zip"})

ASSETS: dict[str, bytes] = {
    entry.name: entry.read_bytes()
    for entry in files("handlers.web").joinpath("page").iterdir()
    if entry.name.rpartition(".")[2] in _TYPES
}

_TEXT_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · WorkShot</title>
<link rel="icon" href="/app/icon.svg">
<link rel="stylesheet" href="/app/style.css">
</head>
<body class="text-page">
<header class="top">{top}</header>
<main>
{paragraphs}
</main>
</body>
</html>
"""


def asset_response(name: str) -> web.Response:
    """One of `ASSETS`."""
    return web.Response(
        body=ASSETS[name],
        content_type=_TYPES[name.rpartition(".")[2]],
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )


_TOP_WITH_CHAT = """<a class="name" href="/">WorkShot</a>
<nav aria-label="Pages"><a href="/">Back to the chat</a></nav>"""
_TOP_ALONE = '<span class="name">WorkShot</span>'


def text_response(text: str, language: str, *, chat: bool) -> web.Response:
    """A page of paragraphs; its first line is the heading. `chat`: there is one to go back to."""
    first, _, rest = text.strip().partition("\n")
    title = first.replace("**", "")
    paragraphs = [f"<h1>{_marked_up(title)}</h1>"]
    paragraphs += [f"<p>{_marked_up(p)}</p>" for p in re.split(r"\n\s*\n", rest.strip()) if p]
    page = _TEXT_PAGE.format(
        language=html.escape(language),
        title=html.escape(title),
        top=_TOP_WITH_CHAT if chat else _TOP_ALONE,
        paragraphs="\n".join(paragraphs),
    )
    return web.Response(text=page, content_type="text/html")


def file_response(body: bytes, attachment: Attachment) -> web.Response:
    """A blob of the vault as a download."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", attachment.name).lstrip(".") or "file"
    kind = attachment.media_type if attachment.media_type in _FILE_TYPES else None
    return web.Response(
        body=body,
        content_type=kind or "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _marked_up(text: str) -> str:
    safe = html.escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return safe.replace("\n", "<br>")
