"""Puts the parts of this package together."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from bot.errors import SettingsError
from bot.ports import AuditLog, Clock, Journal, Ledger
from bot.standing import Standing
from bot.wording import Wording
from bot.workspace_ports import Passes, Register
from bot.workspaces import Workspaces
from handlers.slack.chat import SlackChat
from handlers.slack.commands import Commands
from handlers.slack.config import SlackConfig
from handlers.slack.http import add_routes
from handlers.slack.listeners import build_bolt
from handlers.slack.manifest import scopes
from handlers.slack.oauth import build_flow
from handlers.slack.panel import Panel
from handlers.slack.socket import Socket

Routes = Callable[[web.Application], None]


def assemble(
    config: SlackConfig,
    *,
    register: Register,
    passes: Passes,
    ledger: Ledger,
    journal: Journal,
    audit: AuditLog,
    workspaces: Workspaces,
    wording: Wording,
    clock: Clock,
    kind: type[SlackChat] = SlackChat,
) -> tuple[SlackChat, Routes | None]:
    """A chat, and how its addresses are added to a server. Raises `SettingsError`."""
    if config.problems:
        raise SettingsError("\n".join(config.problems))
    chat = kind(config, register=register, ledger=ledger, workspaces=workspaces, clock=clock)
    standing = Standing(journal, workspaces, clock)
    panel = Panel(chat, standing, audit, wording)
    commands = Commands(chat, wording)

    if config.over_socket:
        chat.listen = Socket(chat, build_bolt(chat, commands, panel)).listen
        return chat, None

    def routes(app: web.Application) -> None:
        flow = build_flow(chat, passes, wording, scopes())
        add_routes(app, build_bolt(chat, commands, panel), flow, config.signing_secret)

    return chat, routes
