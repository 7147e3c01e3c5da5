"""What Slack has to be told, and which of the two ways in that makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

OWN_API = "https://slack.com/api"
FILE_HOST = "files.slack.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackConfig:
    """The operator's settings for Slack."""

    api: str = OWN_API
    """Base URL of the Web API; another one is for tests."""
    app_token: str = field(default="", repr=False)
    """``xapp-…``: news come over a socket, from one workspace."""
    bot_token: str = field(default="", repr=False)
    """``xoxb-…``: the token of that workspace."""
    admins: tuple[str, ...] = ()
    """Who sees the admin panel of that workspace: nobody has installed it through us."""
    client_id: str = ""
    """Workspaces install the app through us, and Slack calls us."""
    client_secret: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    public_url: str = ""

    @property
    def over_socket(self) -> bool:
        return bool(self.app_token)

    @property
    def problems(self) -> tuple[str, ...]:
        """What is missing, a sentence each, with the name of the setting."""
        if self.over_socket:
            missing = [] if self.bot_token else ["SLACK_BOT_TOKEN: goes with SLACK_APP_TOKEN"]
            return tuple(missing)
        needed = {
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_CLIENT_ID": self.client_id,
            "SLACK_CLIENT_SECRET": self.client_secret,
            "PUBLIC_URL": self.public_url,
        }
        return tuple(
            f"{name}: needed for Slack over HTTP; or set SLACK_APP_TOKEN and SLACK_BOT_TOKEN"
            for name, value in needed.items()
            if not value
        )

    def may_have_files(self, url: str) -> bool:
        """Whether a photo may be fetched from there with the token, and files sent there."""
        parts, api = urlsplit(url), urlsplit(self.api)
        if self.api == OWN_API:
            return parts.scheme == "https" and parts.netloc == FILE_HOST
        return (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
