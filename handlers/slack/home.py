"""The Home tab and its dialogs, as views.

Pure: built from a briefing, a policy and counts, and back from what a dialog brings to a policy.
https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from bot.model import Choice, Style
from bot.standing import Briefing, Census
from bot.terms import HOUR, Terms
from bot.workspace_policy import Policy
from handlers.slack.blocks import Block, button, section, sections

View: TypeAlias = dict[str, Any]
Words: TypeAlias = Callable[..., str]
"""A text by its id, in the person's language."""

HOME = "home:"
START, PRIVACY, DELETE = "home:start", "home:privacy", "home:delete"
CHANGE, AUDIT, ERASE = "admin:change", "admin:audit", "admin:erase"
POLICY_FORM, ERASE_FORM = "policy", "erase-workspace"

MINUTES, HOURS = (5, 15, 30, 60), (1, 4, 12, 24)
MOST_BLOCKS = 100
MOST_ORDERS = 100
PLACES = {"hosted": "slack-admin-hosted", "local": "slack-admin-local"}


def plain(text: str) -> Block:
    """Text that is not marked up."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text)}


def home(words: Words, briefing: Briefing, messages_tab: str, panel: list[Block]) -> View:
    """What everybody sees; `panel` is what admins see below it."""
    start = button(Choice("start", words("slack-home-start")), START, "start")
    delete = Choice("delete", words("slack-home-delete"), Style.DANGER)
    erase = button(delete, DELETE, "delete")
    # The answer comes in the other tab: the button leads there.
    for one in (start, erase):
        one["url"] = messages_tab
    privacy = button(Choice("privacy", words("slack-home-privacy")), PRIVACY, "privacy")
    status = " ".join([words("slack-home-status"), briefing.status])
    return {
        "type": "home",
        "blocks": [
            header(words("slack-home-title")),
            *sections(briefing.welcome.text),
            {"type": "divider"},
            section(status),
            {"type": "actions", "elements": [start, privacy, erase]},
            *panel,
        ][:MOST_BLOCKS],
    }


def privacy(words: Words, briefing: Briefing) -> View:
    """The seven straight answers, as a dialog."""
    return {
        "type": "modal",
        "title": plain(words("slack-privacy-title")),
        "close": plain(words("slack-close")),
        "blocks": sections(briefing.privacy),
    }


def panel(words: Words, policy: Policy, terms: Terms, census: Census) -> list[Block]:
    """What admins see: what holds in their workspace, counts, and what they can do.

    `terms` are what the policy leaves of what the house offers.
    """
    people = (
        words("slack-admin-listed", n=len(policy.people))
        if policy.people
        else words("slack-admin-everybody")
    )
    told = words(
        "slack-admin-policy",
        places=words(PLACES["hosted" if terms.hosted else "local"]),
        photo=duration(words, terms.photo_seconds),
        headshots=duration(words, terms.headshot_seconds),
        people=people,
        daily=str(terms.daily) if terms.daily else words("slack-admin-unlimited"),
        looks=", ".join(words(f"look-{look}") for look in terms.looks),
        contact=terms.contact or words("slack-admin-house-contact"),
    )
    counts = words(
        "slack-admin-counts",
        people=census.people,
        conversations=census.conversations,
        making=census.making,
        headshots=census.headshots,
    )
    buttons = [
        button(Choice("change", words("slack-admin-change")), CHANGE, "change"),
        button(Choice("audit", words("slack-admin-audit")), AUDIT, "audit"),
        button(Choice("erase", words("slack-admin-erase"), Style.DANGER), ERASE, "erase"),
    ]
    return [
        {"type": "divider"},
        header(words("slack-admin-title")),
        section(counts),
        *sections(told),
        {"type": "actions", "elements": buttons},
    ]


# --- dialogs --------------------------------------------------------------------------------


def _input(name: str, label: str, element: Block, *, optional: bool = False) -> Block:
    shown = element | {"action_id": "value"}
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": shown,
        "optional": optional,
    }


def _select(options: Mapping[str, str], chosen: str) -> Block:
    drawn = {value: {"text": plain(label), "value": value} for value, label in options.items()}
    first = drawn.get(chosen) or next(iter(drawn.values()))
    return {"type": "static_select", "options": list(drawn.values()), "initial_option": first}


def _several(options: Mapping[str, str], chosen: tuple[str, ...]) -> Block:
    drawn = {value: {"text": plain(label), "value": value} for value, label in options.items()}
    element: Block = {"type": "checkboxes", "options": list(drawn.values())}
    picked = [drawn[one] for one in chosen if one in drawn]
    return element | ({"initial_options": picked} if picked else {})


def _users(chosen: tuple[str, ...]) -> Block:
    element: Block = {"type": "multi_users_select"}
    return element | ({"initial_users": list(chosen)} if chosen else {})


def _text(initial: str) -> Block:
    element: Block = {"type": "plain_text_input"}
    return element | ({"initial_value": initial} if initial else {})


def duration(words: Words, seconds: int) -> str:
    """A length of time in words."""
    if seconds % HOUR == 0:
        return words("time-hours", n=seconds // HOUR)
    return words("time-minutes", n=seconds // 60)


def policy_form(words: Words, policy: Policy, house: Terms) -> View:
    """The policy as a form, with what the house offers to choose from."""
    most_minutes, most_hours = house.photo_seconds // 60, house.headshot_seconds // HOUR
    photo = min(policy.photo_minutes, most_minutes)
    headshots = min(policy.headshot_hours, most_hours)
    minutes = {str(n): duration(words, n * 60) for n in _up_to(most_minutes, MINUTES, photo)}
    hours = {str(n): duration(words, n * HOUR) for n in _up_to(most_hours, HOURS, headshots)}
    names = {look: words(f"look-{look}") for look in house.looks}
    places = {value: words(text_id) for value, text_id in PLACES.items()}
    fields: list[tuple[str, Block, bool]] = [
        ("hosted", _select(places, "hosted" if policy.hosted else "local"), False),
        ("photo", _select(minutes, str(photo)), False),
        ("headshots", _select(hours, str(headshots)), False),
        ("people", _users(policy.people), True),
        ("admins", _users(policy.admins), True),
        ("daily", _text(str(policy.daily)), True),
        ("looks", _several(names, policy.looks), True),
        ("contact", _text(policy.contact), True),
    ]
    inputs = [
        _input(name, words(f"policy-{name}"), element, optional=optional)
        for name, element, optional in fields
    ]
    return {
        "type": "modal",
        "callback_id": POLICY_FORM,
        "title": plain(words("policy-title")),
        "submit": plain(words("policy-save")),
        "close": plain(words("policy-cancel")),
        "blocks": [section(words("policy-note")), *inputs],
    }


def _up_to(most: int, usual: tuple[int, ...], chosen: int) -> list[int]:
    """The usual lengths of time that the house allows, and the one that is chosen."""
    return sorted({*(n for n in usual if n <= most), most, chosen})


def erase_form(words: Words) -> View:
    """Asks to type a sentence before a whole workspace is erased."""
    word = words("erase-workspace-word")
    return {
        "type": "modal",
        "callback_id": ERASE_FORM,
        "title": plain(words("erase-workspace-title")),
        "submit": plain(words("erase-workspace-button")),
        "close": plain(words("policy-cancel")),
        "blocks": [
            section(words("erase-workspace-note")),
            _input("word", words("erase-workspace-type", word=word), _text("")),
        ],
    }


def typed(values: Mapping[str, Any], name: str) -> str:
    """What was typed into one field of a form."""
    given = values.get(name, {}).get("value", {}).get("value")
    return " ".join(str(given or "").split())


def _picked(values: Mapping[str, Any], name: str) -> str:
    given = values.get(name, {}).get("value", {}).get("selected_option") or {}
    return str(given.get("value", ""))


def _list(values: Mapping[str, Any], name: str, kind: str) -> tuple[str, ...]:
    given = values.get(name, {}).get("value", {}).get(kind) or ()
    return tuple(str(one["value"] if isinstance(one, dict) else one) for one in given)


def submitted(values: Mapping[str, Any]) -> tuple[Policy, dict[str, str]]:
    """The policy in a form, and the ids of what to say about fields that cannot be taken."""
    daily, contact = typed(values, "daily") or "0", typed(values, "contact")
    wrong = {}
    if not daily.isdecimal() or int(daily) > MOST_ORDERS:
        wrong["daily"] = "policy-daily-wrong"
    if contact and ("@" not in contact.strip("@") or " " in contact):
        wrong["contact"] = "policy-contact-wrong"
    if wrong:
        return Policy(), wrong
    return (
        Policy(
            hosted=_picked(values, "hosted") != "local",
            photo_minutes=int(_picked(values, "photo") or 60),
            headshot_hours=int(_picked(values, "headshots") or 24),
            people=_list(values, "people", "selected_users"),
            admins=_list(values, "admins", "selected_users"),
            daily=int(daily),
            looks=_list(values, "looks", "selected_options"),
            contact=contact,
        ),
        {},
    )
