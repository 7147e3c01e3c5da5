"""Files as Slack keeps them: two steps up, shown some time later, downloads with a token only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from aiohttp import web

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack, Team

Params: TypeAlias = dict[str, Any]
SIGN_IN = "<!DOCTYPE html><html><body>Sign in to Slack</body></html>"


class Refused(Exception):
    """``{"ok": false, "error": …}``."""


@dataclass
class File:
    """One file."""

    id: str
    team: str
    owner: str
    name: str
    content: bytes = b""
    alt: str = ""
    mimetype: str = ""
    polls_left: int = 0
    """Looks until it is shown, once it is to be."""
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Timestamps of the messages that show it, by channel."""
    extra: Params = field(default_factory=dict)


class Files:
    """All of them."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self.kept: dict[str, File] = {}
        self.pending: dict[str, tuple[str, list[str]]] = {}
        """Batches that were completed and are not shown yet: channel and ids, by first id."""
        self.slowness = 2
        """Looks that a share takes."""
        self.downloads: list[str] = []
        self.page_instead = False
        """Whether downloads bring a page, as with a missing scope."""

    def add(self, team: str, owner: str, name: str, content: bytes, mimetype: str) -> File:
        """A file that somebody sent."""
        new = File(self._slack.new_id("F"), team, owner, name, content, "", mimetype)
        self.kept[new.id] = new
        return new

    def described(self, file: File) -> Params:
        """As events and `files.info` tell it, the small picture of the person included."""
        url = f"{self._slack.base}/files/{file.id}/{file.name}"
        return {
            "id": file.id,
            "name": file.name,
            "user": file.owner,
            "mimetype": file.mimetype,
            "size": len(file.content),
            "mode": "hosted",
            "url_private": url,
            "url_private_download": url,
            "thumb_tiny": "CANARYTHUMBOFAFACE",
            **file.extra,
        }

    # --- calls ------------------------------------------------------------------------------

    def _find(self, team: Team, params: Params) -> File:
        found = self.kept.get(str(params.get("file")))
        if found is None or found.team != team.id:
            raise Refused("file_not_found")
        return found

    async def info(self, team: Team, params: Params) -> Params:
        file = self._find(team, params)
        if file.id in self.pending:
            if file.polls_left <= 0:
                self._show(file)
            file.polls_left -= 1
        shares = {"private": {c: [{"ts": ts} for ts in all_] for c, all_ in file.shares.items()}}
        return {"file": self.described(file) | {"shares": shares if file.shares else {}}}

    async def begin(self, team: Team, params: Params) -> Params:
        file = self.add(team.id, team.bot_user, str(params["filename"]), b"", "")
        file.alt = str(params.get("alt_txt") or "")
        return {"upload_url": f"{self._slack.base}/upload/{file.id}", "file_id": file.id}

    async def take(self, request: web.Request) -> web.Response:
        self.kept[request.match_info["file"]].content = await request.read()
        return web.Response(text="OK - 1")

    async def complete(self, team: Team, params: Params) -> Params:
        ids = [str(one["id"]) for one in params["files"]]
        files = [self._find(team, {"file": one}) for one in ids]
        to = params.get("channel_id") or self._slack.direct(str(params["channels"]).split(",")[0])
        files[0].polls_left = self.slowness
        self.pending[ids[0]] = (str(to), ids)
        return {"files": [{"id": one} for one in ids]}

    def _show(self, file: File) -> None:
        channel, ids = self.pending.pop(file.id)
        team = self._slack.teams[file.team]
        files = [self.kept[one] for one in ids if one in self.kept]
        message = self._slack.add(
            team.id,
            channel,
            {"text": "", "files": [one.id for one in files], "user": team.bot_user}
            | {"bot_id": team.bot},
        )
        for one in files:
            one.shares.setdefault(channel, []).append(message["ts"])

    async def delete(self, team: Team, params: Params) -> Params:
        file = self._find(team, params)
        if file.owner != team.bot_user:
            raise Refused("cant_delete_file")
        self.remove(file)
        return {}

    def remove(self, file: File) -> None:
        """Gone, while the messages that showed it stay as shells."""
        del self.kept[file.id]

    # --- the file host ----------------------------------------------------------------------

    async def give(self, request: web.Request) -> web.Response:
        file = self.kept.get(request.match_info["file"])
        if file is None:
            return web.Response(status=404)
        team = self._slack.team_of(request, {})
        self.downloads.append(file.id)
        if self.page_instead or team is None or "files:read" not in team.scopes:
            return web.Response(text=SIGN_IN, content_type="text/html")
        if team.id != file.team:
            return web.Response(status=404)
        return web.Response(
            body=file.content, content_type=file.mimetype or "application/octet-stream"
        )
