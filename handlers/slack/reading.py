"""What the bodies that Slack sends say: who, where, what. Pure; nothing else of them is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeAlias

from bot.events import Event, SelfieSent, SelfieUnfit, Wrote
from bot.model import Person, PhotoProblem, SelfieRef
from bot.photo import MAX_BYTES
from handlers.slack import blocks
from handlers.slack.installations import PLATFORM

Body: TypeAlias = dict[str, Any]


def what_of(event: Body) -> Event:
    """What a message is to us."""
    files = event.get("files") or ()
    text = blocks.unescaped(str(event.get("text") or ""))
    if not files:
        return Wrote(text)
    first = next((one for one in files if problem_of(one) is None), files[0])
    problem = problem_of(first)
    if problem is not None:
        return SelfieUnfit(problem, text=text)
    return SelfieSent(SelfieRef(str(first["id"])), text, more=len(files) > 1)


def problem_of(file: Mapping[str, Any]) -> PhotoProblem | None:
    """What can be told without fetching it. Of some files Slack tells nothing before we ask."""
    if file.get("file_access") == "check_file_info":
        return None
    if not str(file.get("mimetype") or "image/").startswith("image/"):
        return PhotoProblem.NOT_AN_IMAGE
    size = file.get("size")
    return PhotoProblem.TOO_BIG if isinstance(size, int) and size > MAX_BYTES else None


def team_of(body: Body) -> str:
    """The workspace whose installation an event is for; in shared chats not always the sender's."""
    installed: Body = (body.get("authorizations") or [{}])[0]
    return str(installed.get("team_id") or body["team_id"])


def person_of(body: Body) -> Person:
    """Who tapped or submitted."""
    user = body["user"]
    team = (body.get("team") or {}).get("id") or user["team_id"]
    return Person(PLATFORM, str(team), str(user["id"]))


def tap_number(body: Body, action: Body) -> str:
    """The same for the same tap, however often it arrives."""
    told = f"{body.get('trigger_id')} {action.get('action_id')} {action.get('action_ts')}"
    return "tap-" + hashlib.sha256(told.encode()).hexdigest()[:32]
