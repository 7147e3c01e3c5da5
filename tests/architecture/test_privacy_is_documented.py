"""The README says about data what the bot itself says that it holds.

The bot is really started, with everything connected that can be (to an address where nobody
answers): only then it is certain that no holder is missing. Its sentences stand between the
comments ``holds`` and ``/holds``, each on a line that begins with a hyphen.
"""

from __future__ import annotations

from pathlib import Path

from bot.app import running
from bot.settings import Settings
from tests.architecture.test_settings_are_documented import FIELDS, read, section

CONNECTED = {
    "web_chat": True,
    "telegram_bot_token": "1:not-a-token",
    "telegram_api_base_url": "http://127.0.0.1:1",
    "slack_app_token": "xapp-not-a-token",
    "slack_bot_token": "xoxb-not-a-token",
    "slack_api_base_url": "http://127.0.0.1:1/api",
}


def settings_of_everything(folder: Path, models: Path) -> Settings:
    """Everything connected, whatever the environment here says; on a free port."""
    defaults = {
        name.lower(): field.get_default(call_default_factory=True) for name, field in FIELDS.items()
    }
    own = {"data_dir": folder, "models_dir": models, "port": 0, "workers": 1}
    return Settings.model_validate(defaults | own | CONNECTED)


async def test_the_readme_repeats_the_sentence_of_every_holder(
    tmp_path: Path, models: Path
) -> None:
    async with running(settings_of_everything(tmp_path / "data", models)) as bot:
        sentences = [holder.holds for holder in bot.holders]
    told = section(read("README.md"), "holds").splitlines()

    assert [line for line in told if line.startswith("- ")] == [f"- {one}" for one in sentences]
