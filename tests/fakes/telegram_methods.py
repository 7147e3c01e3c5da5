"""What each method of the fake Bot API does, by its own strict rules."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import urlsplit

from tests.fakes.telegram_chats import Chats, Json, Posted, Talk, bad, check_commands, listed
from tests.fakes.telegram_updates import Updates

BOT = 7000000001
ACTIONS = {"typing", "upload_photo", "upload_document"}
Files: TypeAlias = dict[str, tuple[str, bytes]]
Method: TypeAlias = Callable[[Json, Files], Awaitable[object]]


class Methods:
    """The bot's account: its chats, its profile, its way to updates."""

    def __init__(self, chats: Chats, updates: Updates) -> None:
        self.chats = chats
        self.updates = updates
        self.profile: dict[str, object] = {
            "commands": [],
            "description": "",
            "about": "",
            "menu": "default",
        }
        self.open_taps: set[str] = set()
        self.answered: list[str] = []
        self.left: list[int] = []
        self.table: dict[str, Method] = {
            "getUpdates": self.get_updates,
            "getMe": self.get_me,
            "getFile": self.get_file,
            "sendMessage": self.send_message,
            "sendDocument": self.send_document,
            "sendMediaGroup": self.send_media_group,
            "editMessageText": self.edit,
            "editMessageMedia": self.edit,
            "editMessageReplyMarkup": self.edit,
            "deleteMessage": self.delete_message,
            "deleteMessages": self.delete_messages,
            "sendChatAction": self.send_chat_action,
            "leaveChat": self.leave_chat,
            "answerCallbackQuery": self.answer_callback_query,
            "getMyCommands": self.get_commands,
            "setMyCommands": self.set_commands,
            "getMyDescription": self.get_description,
            "setMyDescription": self.set_description,
            "getMyShortDescription": self.get_about,
            "setMyShortDescription": self.set_about,
            "getChatMenuButton": self.get_menu,
            "setChatMenuButton": self.set_menu,
            "getWebhookInfo": self.get_webhook_info,
            "setWebhook": self.set_webhook,
            "deleteWebhook": self.delete_webhook,
        }

    # --- news and files -----------------------------------------------------------------------

    async def get_updates(self, given: Json, _: Files) -> object:
        return await self.updates.poll(given)

    async def get_me(self, _: Json, __: Files) -> object:
        return {"id": BOT, "is_bot": True, "first_name": "Shots", "username": "shots_bot"}

    async def get_file(self, given: Json, _: Files) -> object:
        found = self.chats.file(given["file_id"])
        told = {"file_id": given["file_id"], "file_unique_id": "u", "file_path": found.path}
        return {**told, "file_size": len(found.content)}

    # --- messages -----------------------------------------------------------------------------

    async def send_message(self, given: Json, files: Files) -> object:
        talk = self.chats.talk(given["chat_id"])
        return _shape(talk, self.chats.post(talk, given, files))

    async def send_document(self, given: Json, files: Files) -> object:
        talk = self.chats.talk(given["chat_id"])
        media = {"type": "document", "media": given["document"]}
        media |= {name: value for name, value in given.items() if name.startswith("caption")}
        return _shape(talk, self.chats.post(talk, {**given, "media": media}, files))

    async def send_media_group(self, given: Json, files: Files) -> object:
        talk = self.chats.talk(given["chat_id"])
        return [_shape(talk, one) for one in self.chats.album(talk, given, files)]

    async def edit(self, given: Json, files: Files) -> object:
        talk = self.chats.talk(given["chat_id"])
        posted = self.chats.find(talk, given["message_id"])
        self.chats.edit(posted, given, files)
        return _shape(talk, posted)

    async def delete_message(self, given: Json, _: Files) -> object:
        talk = self.chats.talk(given["chat_id"])
        self.chats.find(talk, given["message_id"], "delete")
        self.chats.remove(talk, [int(given["message_id"])])
        return True

    async def delete_messages(self, given: Json, _: Files) -> object:
        self.chats.remove(self.chats.talk(given["chat_id"]), json.loads(given["message_ids"]))
        return True

    async def send_chat_action(self, given: Json, _: Files) -> object:
        if given["action"] not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.chats.talk(given["chat_id"]).actions.append(given["action"])
        return True

    async def leave_chat(self, given: Json, _: Files) -> object:
        self.left.append(self.chats.talk(given["chat_id"]).id)
        return True

    async def answer_callback_query(self, given: Json, _: Files) -> object:
        tap = given["callback_query_id"]
        if tap not in self.open_taps:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.open_taps.remove(tap)
        self.answered.append(tap)
        return True

    # --- the profile --------------------------------------------------------------------------

    async def get_commands(self, _: Json, __: Files) -> object:
        return self.profile["commands"]

    async def set_commands(self, given: Json, _: Files) -> object:
        commands = listed(given["commands"])
        check_commands(commands)
        self.profile["commands"] = commands
        return True

    async def get_description(self, _: Json, __: Files) -> object:
        return {"description": self.profile["description"]}

    async def set_description(self, given: Json, _: Files) -> object:
        self.profile["description"] = _short(given["description"], 512)
        return True

    async def get_about(self, _: Json, __: Files) -> object:
        return {"short_description": self.profile["about"]}

    async def set_about(self, given: Json, _: Files) -> object:
        self.profile["about"] = _short(given["short_description"], 120)
        return True

    async def get_menu(self, _: Json, __: Files) -> object:
        return {"type": self.profile["menu"]}

    async def set_menu(self, given: Json, _: Files) -> object:
        self.profile["menu"] = json.loads(given["menu_button"])["type"]
        return True

    # --- the webhook --------------------------------------------------------------------------

    async def get_webhook_info(self, _: Json, __: Files) -> object:
        return self.updates.webhook_info()

    async def set_webhook(self, given: Json, _: Files) -> object:
        parts = urlsplit(given["url"])
        if parts.scheme != "https" and parts.hostname != "127.0.0.1":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", given.get("secret_token", "x")):
            raise bad("secret token contains unallowed characters")
        if not 1 <= int(given.get("max_connections", 40)) <= 100:
            raise bad("max_connections is wrong")
        self.updates.set_webhook(given)
        return True

    async def delete_webhook(self, _: Json, __: Files) -> object:
        self.updates.set_webhook({"url": ""})
        return True


def _shape(talk: Talk, posted: Posted) -> Json:
    """A `Message` of the Bot API, with as much as a library needs."""
    chat = {"id": talk.id, "type": talk.type, "first_name": "P"}
    return {"message_id": posted.id, "date": int(posted.date), "chat": chat, "text": "…"}


def _short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise bad("description is too long")
    return text
