"""The web chat's addresses: HTTP in, calls on the chat out.

Rules: every address checks the Host; what changes something also checks where it came from. Bodies
are read in bounded pieces straight into memory, never through a form parser, which would write a
temporary file. Others' files and erased ones look the same: 404.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from aiohttp import ClientConnectionError, web

from bot.errors import PhotoGone, PlatformUnavailable, SelfieGone
from handlers.web import pages
from handlers.web.chat import WebChat
from handlers.web.gate import add_headers, person_of, refusal
from handlers.web.visitors import Tab, Visitor, Wanted, frame

MAX_PHOTO = 25 * 1024 * 1024
MAX_BODY = 64 * 1024
TOO_BIG = "This photo is larger than 25 MB. Please choose a smaller one."
PATIENCE_WITH_REFUSED = 5.0
"""Seconds to go on taking a body that was refused."""
PULSE = 1.0
"""Seconds between looks at whether a stream's reader is still there."""
PULSES_PER_BEAT = 15

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{8,64}\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Token = Annotated[str, msgspec.Meta(max_length=200)]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON of a request; anything unexpected is refused."""


class Open(Body):
    fresh: bool = False
    """The person has read the last words and starts again."""


class Say(Body):
    id: Id
    text: Text


class Reply(Body):
    id: Id
    verb: Token
    question: Token


class Selfie(Body):
    id: Id
    photo: Id
    size: Annotated[int, msgspec.Meta(ge=0)]
    type: Token = ""
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""


class Missing(Body):
    photo: Id
    tab: Token


B = TypeVar("B", bound=Body)


async def read(request: web.Request, limit: int) -> bytes | None:
    """The body, or None when it is longer than `limit` bytes."""
    if (request.content_length or 0) > limit:
        return None
    body = bytearray()
    async for piece in request.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)


async def discard(request: web.Request) -> None:
    """Take the rest of a refused body: a browser that is still sending reads no answer."""
    try:
        async with asyncio.timeout(PATIENCE_WITH_REFUSED):
            async for _ in request.content.iter_any():
                pass
    except TimeoutError:
        return


async def read_json(request: web.Request, kind: type[B]) -> B:
    """The body as JSON of that shape; refuses anything else with a sentence."""
    body = await read(request, MAX_BODY)
    try:
        return msgspec.json.decode(body or b"", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise refusal(400, "That could not be read. Please try again.") from None


def add_routes(app: web.Application, chat: WebChat) -> None:
    """Serve the page and its addresses from this application."""
    Routes(chat).add_to(app)


class Routes:
    """The addresses of one `WebChat`."""

    def __init__(self, chat: WebChat) -> None:
        self._chat = chat
        self._gate = chat.gate

    def add_to(self, app: web.Application) -> None:
        """Add every address, and the headers that every answer carries."""
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._shut_down)
        app.add_routes(
            [
                web.get("/", self._reads(self.page)),
                web.get("/app/{name}", self._reads(self.asset)),
                web.get("/looks/{look}.jpg", self._reads(self.swatch)),
                web.get("/privacy", self._reads(self.privacy)),
                web.get("/chat/events", self._reads(self.events)),
                web.get(
                    r"/chat/files/{file:[0-9a-f]{32}}/{number:\d{1,2}}", self._reads(self.file)
                ),
                web.post("/chat/open", self._changes(self.open)),
                web.post("/chat/say", self._changes(self.say)),
                web.post("/chat/reply", self._changes(self.reply)),
                web.post("/chat/selfie", self._changes(self.selfie)),
                web.post("/chat/missing", self._changes(self.missing)),
                web.put("/chat/photo/{photo}", self._changes(self.photo)),
            ]
        )

    def _reads(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            self._gate.check_host(request)
            return await handler(request)

        return checked

    def _changes(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            self._gate.check_host(request)
            self._gate.check_origin(request)
            if not self._chat.listening:
                raise refusal(503, "The chat is starting. Please wait a moment.")
            try:
                return await handler(request)
            except PlatformUnavailable:
                raise refusal(503, "The chat is restarting. Please wait a moment.") from None
            except web.HTTPException:
                await discard(request)
                raise

        return checked

    async def _shut_down(self, app: web.Application) -> None:
        self._chat.visitors.close_tabs()

    # --- things to look at ----------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        return pages.asset_response("index.html")

    async def asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in pages.ASSETS:
            raise refusal(404, "There is nothing here.")
        return pages.asset_response(name)

    async def swatch(self, request: web.Request) -> web.Response:
        picture = self._chat.swatches.get(request.match_info["look"])
        if picture is None:
            raise refusal(404, "There is nothing here.")
        return web.Response(
            body=picture, content_type="image/jpeg", headers={"Cache-Control": "max-age=3600"}
        )

    async def privacy(self, request: web.Request) -> web.Response:
        spoken = re.match(
            r"[A-Za-z]{2,3}(-[A-Za-z]{2})?", request.headers.get("Accept-Language", "")
        )
        language = spoken.group() if spoken else "en"
        return pages.text_response(self._chat.privacy_text(language), language)

    async def file(self, request: web.Request) -> web.Response:
        person = self._gate.person(request)
        found = await self._chat.attachment(
            person, request.match_info["file"], int(request.match_info["number"])
        )
        if found is None:
            raise refusal(404, "This file is not here any more.")
        try:
            body = await self._chat.vault.get(found.photo)
        except PhotoGone:
            raise refusal(404, "This file is not here any more.") from None
        return pages.file_response(body, found)

    # --- the stream -----------------------------------------------------------------------

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: a snapshot first, then what changes, until either side leaves."""
        visitor = self._chat.visitors.of(self._gate.person(request))
        if self._chat.visitors.full or not self._chat.listening:
            raise refusal(503, "Too many pages are open. Please try again later.")
        stream = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        stream.content_type = "text/event-stream"
        stream.charset = "utf-8"
        with self._chat.visitors.tab(visitor) as tab:
            await stream.prepare(request)
            try:
                await stream.write(b"retry: 1000\n\n")
                await self._tell(request, stream, visitor, tab)
            except ClientConnectionError:
                pass
        return stream

    async def _tell(
        self, request: web.Request, stream: web.StreamResponse, visitor: Visitor, tab: Tab
    ) -> None:
        quiet = 0
        while not tab.closed and request.transport is not None:
            if await tab.news(PULSE):
                quiet = 0
                if tab.stale:
                    tab.stale = False
                    await stream.write(frame(await self._chat.snapshot(visitor, tab)))
                await stream.write(tab.drain())
            elif (quiet := quiet + 1) % PULSES_PER_BEAT == 0:
                await stream.write(b": here\n\n")

    # --- what the person does -------------------------------------------------------------

    async def open(self, request: web.Request) -> web.Response:
        """A page was opened: renew or replace the cookie, hand over last words.

        While an erasure is under way the cookie stays: the last words come by the stream.
        """
        body = await read_json(request, Open)
        token = self._gate.token(request)
        ended = self._chat.visitors.ended(person_of(token)) if token else None
        goodbye = None
        if ended is not None and (ended.event is not None or body.fresh):
            token = None
            goodbye, ended.event = ended.event, None
        answer: dict[str, object] = {
            "local": self._chat.local,
            "limit": MAX_PHOTO,
            "goodbye": None if body.fresh else goodbye,
        }
        response = web.Response(body=msgspec.json.encode(answer), content_type="application/json")
        self._gate.admit(response, token)
        return response

    async def say(self, request: web.Request) -> web.Response:
        body = await read_json(request, Say)
        person = self._gate.person(request)
        return _taken(await self._chat.hear_text(person, body.id, body.text))

    async def reply(self, request: web.Request) -> web.Response:
        body = await read_json(request, Reply)
        person = self._gate.person(request)
        return _taken(await self._chat.hear_reply(person, body.id, body.verb, body.question))

    async def selfie(self, request: web.Request) -> web.Response:
        body = await read_json(request, Selfie)
        if body.size > MAX_PHOTO:
            raise refusal(413, TOO_BIG)
        person = self._gate.person(request)
        return _taken(await self._chat.hear_selfie(person, body.id, body.photo, body.text))

    async def missing(self, request: web.Request) -> web.Response:
        body = await read_json(request, Missing)
        self._chat.visitors.of(self._gate.person(request)).missing(body.photo, body.tab)
        return _taken(True)

    async def photo(self, request: web.Request) -> web.Response:
        """The bytes, while they are wanted and nobody else is handing them over."""
        visitor = self._chat.visitors.of(self._gate.person(request))
        name = request.match_info["photo"]
        wanted = visitor.wanted.get(name)
        if wanted is None or wanted.uploading or wanted.arrived.done():
            raise refusal(409, "This photo is not needed now.")
        photo = await self._read_photo(request, visitor, name, wanted)
        if photo is None:
            wanted.settle(SelfieGone())
            raise refusal(413, TOO_BIG)
        wanted.settle(photo)
        return _taken(True)

    async def _read_photo(
        self, request: web.Request, visitor: Visitor, name: str, wanted: Wanted
    ) -> bytes | None:
        wanted.uploading = True
        whole = False
        try:
            photo = await read(request, MAX_PHOTO)
            whole = True
        finally:
            wanted.uploading = False
            if not whole and visitor.wanted.get(name) is wanted:
                # Broken off: another tab, or the same one once more, may have it.
                visitor.push({"kind": "wanted", "photo": name})
        return photo


def _taken(taken: bool) -> web.Response:
    if not taken:
        raise refusal(409, "This chat was erased.", over=True)
    return web.Response(status=204)
