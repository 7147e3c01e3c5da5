"""A Slack of our own: Web API, files, signed events, a socket, OAuth, and people in workspaces.

`server` answers the bot, `files` keeps what is uploaded, `delivery` sends what happens to the bot,
`people` are the hands and eyes of somebody in a workspace.
"""

from __future__ import annotations

from tests.fakes.slack.delivery import Line, OverHttp, OverSocket
from tests.fakes.slack.people import SlackUser
from tests.fakes.slack.server import FakeSlack, Fault, Team

__all__ = ["FakeSlack", "Fault", "Line", "OverHttp", "OverSocket", "SlackUser", "Team"]
