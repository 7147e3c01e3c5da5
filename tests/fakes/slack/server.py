"""The Web API as far as the bot uses it: scopes, ownership, limits and faults as Slack has them."""

from __future__ import annotations

import itertools
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

from tests.fakes.slack.files import Files, Refused

Params: TypeAlias = dict[str, Any]
SCOPES = ("chat:write", "commands", "files:read", "files:write", "im:history")
NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.history": "im:history",
    "files.info": "files:read",
    "files.delete": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}


@dataclass
class Fault:
    """What a call meets instead of its answer; `after`: it is carried out all the same."""

    status: int = 500
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


LIMITED = Fault(429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "7"})


@dataclass
class Team:
    """A workspace with the app in it."""

    id: str
    app_token: str = ""
    scopes: tuple[str, ...] = SCOPES
    gone: set[str] = field(default_factory=set)
    """Users who cannot be written to any more."""
    installer: str = "U0INSTALLER"

    @property
    def token(self) -> str:
        return f"xoxb-CANARY-{self.id}-of-the-bot"

    @property
    def bot_user(self) -> str:
        return f"UBOT{self.id}"

    @property
    def bot(self) -> str:
        return f"BBOT{self.id}"

    @property
    def app(self) -> str:
        return "A0WORKSHOT"


class FakeSlack:
    """One Slack, many workspaces."""

    def __init__(self, *teams: Team) -> None:
        self.teams = {team.id: team for team in teams}
        self.messages: dict[str, list[Params]] = defaultdict(list)
        """By channel, oldest first."""
        self.homes: dict[tuple[str, str], Params] = {}
        """The Home tab by team and user."""
        self.modals: list[Params] = []
        self.calls: list[tuple[str, str, Params]] = []
        """Method, team and parameters of every call."""
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.revoked: set[str] = set()
        """Tokens that Slack does not know any more."""
        self.void: set[str] = set()
        """Tokens of apps that were removed."""
        self.codes: dict[str, Params] = {}
        """What `oauth.v2.access` answers, by code."""
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: dict[str, Params] = {}
        """Payloads of socket envelopes that were acknowledged."""
        self.base = ""
        self.files = Files(self)
        self._count = itertools.count(1)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Answer on a free port; yields the base URL of the API."""
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(
            [
                web.post("/api/{method}", self._call),
                web.get("/api/{method}", self._call),
                web.post("/upload/{file}", self.files.take),
                web.get("/files/{file}/{name}", self.files.give),
                web.get("/socket", self._socket),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield f"{self.base}/api"
        finally:
            for socket in self.sockets:
                await socket.close()
            await runner.cleanup()

    def new_id(self, kind: str) -> str:
        return f"{kind}CANARY{next(self._count):05d}"

    def new_ts(self) -> str:
        return f"{time.time() + next(self._count) / 1000:.6f}"

    def direct(self, user: str) -> str:
        """The direct message of a person with the bot."""
        return "D" + user[1:]

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(name == method for name, _, _ in self.calls)

    def team_of(self, request: web.Request, params: Params) -> Team | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = token or str(params.get("token", ""))
        if token in self.revoked:
            return None
        return next((one for one in self.teams.values() if one.token == token), None)

    # --- calls ------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        params = await _params(request)
        team = self.team_of(request, params)
        self.calls.append((method, team.id if team else "", params))
        fault = self.faults[method].popleft() if self.faults[method] else None
        if fault is not None and not fault.after:
            return _faulty(fault)
        answer = await self._answer(method, team, params, request)
        if fault is not None:
            return _faulty(fault)
        headers = {"x-oauth-scopes": ",".join(team.scopes)} if team else {}
        return web.json_response(answer, headers=headers)

    async def _answer(
        self, method: str, team: Team | None, params: Params, request: web.Request
    ) -> Params:
        try:
            if method == "apps.connections.open":
                return self._open_socket(request)
            if method == "oauth.v2.access":
                return self._exchange(params, request)
            team = _allowed(team, method, self.void)
            methods: dict[str, Callable[[Team, Params], Awaitable[Params]]] = {
                "auth.test": self._who,
                "auth.revoke": self._revoke,
                "chat.postMessage": self._post,
                "chat.update": self._update,
                "chat.delete": self._delete,
                "conversations.history": self._history,
                "views.publish": self._publish,
                "views.open": self._open,
                "files.info": self.files.info,
                "files.delete": self.files.delete,
                "files.getUploadURLExternal": self.files.begin,
                "files.completeUploadExternal": self.files.complete,
            }
            return {"ok": True, **await methods[method](team, params)}
        except Refused as refused:
            return {"ok": False, "error": str(refused)}

    async def _who(self, team: Team, params: Params) -> Params:
        return {"team_id": team.id, "user_id": team.bot_user, "bot_id": team.bot}

    async def _revoke(self, team: Team, params: Params) -> Params:
        self.revoked.add(team.token)
        return {"revoked": True}

    # --- messages ---------------------------------------------------------------------------

    def add(self, team: str, channel: str, message: Params) -> Params:
        """Put a message into a chat."""
        message = {"type": "message", "ts": self.new_ts(), "team": team, **message}
        self.messages[channel].append(message)
        return message

    async def _post(self, team: Team, params: Params) -> Params:
        to = str(params["channel"])
        user = to if to.startswith(("U", "W")) else "U" + to[1:]
        if user in team.gone:
            raise Refused("user_disabled")
        if not params.get("text"):
            raise Refused("no_text")
        message = self.add(
            team.id, self.direct(user), _said(params) | {"user": team.bot_user, "bot_id": team.bot}
        )
        return {"channel": self.direct(user), "ts": message["ts"], "message": message}

    def find(self, channel: str, ts: str) -> Params | None:
        return next((one for one in self.messages[channel] if one["ts"] == ts), None)

    def own(self, team: Team, params: Params, why: str) -> Params:
        found = self.find(str(params["channel"]), str(params["ts"]))
        if found is None:
            raise Refused("message_not_found")
        if found.get("bot_id") != team.bot or found["team"] != team.id:
            raise Refused(why)
        return found

    async def _update(self, team: Team, params: Params) -> Params:
        found = self.own(team, params, "cant_update_message")
        found.update(_said(params))
        return {"channel": params["channel"], "ts": params["ts"], "text": found["text"]}

    async def _delete(self, team: Team, params: Params) -> Params:
        found = self.own(team, params, "cant_delete_message")
        self.messages[str(params["channel"])].remove(found)
        return {"channel": params["channel"], "ts": params["ts"]}

    async def _history(self, team: Team, params: Params) -> Params:
        oldest, limit = float(params.get("oldest") or 0), int(params.get("limit") or 100)
        messages = [
            one
            for one in reversed(self.messages[str(params["channel"])])
            if one["team"] == team.id and float(one["ts"]) > oldest
        ]
        if params.get("include_all_metadata") not in {True, "1", "true", "True"}:
            messages = [{k: v for k, v in one.items() if k != "metadata"} for one in messages]
        return {"messages": messages[:limit]}

    async def _publish(self, team: Team, params: Params) -> Params:
        self.homes[team.id, str(params["user_id"])] = params["view"]
        return {"view": params["view"]}

    async def _open(self, team: Team, params: Params) -> Params:
        if not params.get("trigger_id"):
            raise Refused("invalid_trigger_id")
        self.modals.append(params["view"])
        return {"view": params["view"]}

    # --- installing, and the socket ---------------------------------------------------------

    def _exchange(self, params: Params, request: web.Request) -> Params:
        answer = self.codes.pop(str(params.get("code")), None)
        if answer is None or not request.headers.get("Authorization", "").startswith("Basic "):
            raise Refused("invalid_code")
        return {"ok": True, **answer}

    def _open_socket(self, request: web.Request) -> Params:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in {team.app_token for team in self.teams.values() if team.app_token}:
            raise Refused("invalid_auth")
        return {"ok": True, "url": self.base.replace("http", "ws", 1) + "/socket"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello"})
        try:
            async for message in socket:
                answer = json.loads(message.data)
                self.acknowledged[answer["envelope_id"]] = answer.get("payload") or {}
        finally:
            self.sockets.remove(socket)
        return socket


def _allowed(team: Team | None, method: str, void: set[str]) -> Team:
    """Whose token it is, if it may do that."""
    if team is None:
        raise Refused("invalid_auth")
    if team.token in void:
        raise Refused("account_inactive")
    if NEEDED.get(method) not in {None, *team.scopes}:
        raise Refused("missing_scope")
    return team


def _faulty(fault: Fault) -> web.Response:
    kind = "text/html" if fault.body.startswith("<") else "application/json"
    return web.Response(
        status=fault.status, text=fault.body, headers=fault.headers, content_type=kind
    )


def _said(params: Params) -> Params:
    """What a message says, out of the parameters of a call."""
    return {name: params[name] for name in ("text", "blocks", "metadata") if name in params}


async def _params(request: web.Request) -> Params:
    """Form, JSON or query; structures in a form are JSON."""
    if request.content_type == "application/json":
        given: Params = await request.json()
        return given
    pairs = {**request.query, **await request.post()}
    return {name: _value(str(value)) for name, value in pairs.items()}


def _value(text: str) -> Any:
    return json.loads(text) if text.startswith(("[", "{")) else text
