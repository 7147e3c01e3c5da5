"""The web chat's addresses: HTTP in, calls on the chat out.

Rules: every address checks the Host; what changes something also checks where it came from. How
bodies are read is in `bodies` and `uploads`. Others' files and erased ones look the same: 404.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import ClientConnectionError, web

from bot.errors import PhotoGone, PlatformUnavailable
from handlers.web import pages
from handlers.web.bodies import Missing, Open, Reply, Say, Selfie, discard, read_json
from handlers.web.chat import Heard, WebChat
from handlers.web.gate import add_headers, person_of, refusal
from handlers.web.privacy import privacy_page
from handlers.web.uploads import MAX_PHOTO, TOO_BIG, Uploads
from handlers.web.visitors import Tab, Visitor, frame

PULSE = 1.0
"""Seconds between looks at whether a stream's reader is still there."""
PULSES_PER_BEAT = 15

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_routes(app: web.Application, chat: WebChat) -> None:
    """Serve the page and its addresses from this application."""
    Routes(chat).add_to(app)


class Routes:
    """The addresses of one `WebChat`."""

    def __init__(self, chat: WebChat) -> None:
        self._chat = chat
        self._gate = chat.gate
        self._uploads = Uploads(chat.upload_seconds)

    def add_to(self, app: web.Application) -> None:
        """Add every address, and the headers that every answer carries."""
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._shut_down)
        privacy = privacy_page(self._chat.privacy_text, chat=True)
        app.add_routes(
            [
                web.get("/", self._reads(self.page)),
                web.get("/app/{name}", self._reads(self.asset)),
                web.get("/looks/{look}.jpg", self._reads(self.swatch)),
                web.get("/privacy", self._reads(privacy)),
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

        Last words are handed over as often as they are asked for: an answer can be lost, a page
        reloaded. The cookie stays until the person starts again, so that it can be asked.
        """
        body = await read_json(request, Open)
        token = self._gate.token(request)
        ended = self._chat.visitors.ended(person_of(token)) if token else None
        if ended is not None and body.fresh:
            ended.let_go()
        if ended is not None and ended.done:
            token = None
        answer: dict[str, object] = {
            "local": self._chat.local,
            "limit": MAX_PHOTO,
            "goodbye": None if ended is None else ended.event,
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
        return web.Response(status=204)

    async def photo(self, request: web.Request) -> web.Response:
        """The bytes, while they are wanted and nobody else is handing them over."""
        visitor = self._chat.visitors.of(self._gate.person(request))
        await self._uploads.take(request, visitor, request.match_info["photo"])
        return web.Response(status=204)


def _taken(heard: Heard) -> web.Response:
    if heard is Heard.ERASED:
        raise refusal(409, "This chat was erased.", over=True)
    if heard is Heard.FULL:
        raise refusal(429, "This chat is too long. Write /delete to erase it and start again.")
    return web.Response(status=204)
