"""The messages that stand for a state: its open question, with choices, in the right words.

Pure: the same state, terms and language give the same message, so a question can be shown again
after a restart, checked when a tap comes back, and hashed for the consent record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.again import next_wish
from bot.captions import caption, is_doubtful, strongest
from bot.consent import receipt_id
from bot.effects import Again, Farewell, MakeHeadshots
from bot.model import Attachment, Choice, Erased, Headshot, Message, Remains, Style, Trace
from bot.photo_questions import PhotoQuestions
from bot.states import (
    Batch,
    Choosing,
    Confirming,
    Consenting,
    Delivered,
    Doubting,
    Idle,
    Making,
    Question,
    Sitting,
    State,
    Visit,
)
from bot.terms import HOUR, Terms
from bot.wording import Value, Wording

LARGEST_MB = 25
"""What `bot.photo` takes, in megabytes; a platform may take less."""
COUNTED = ("photos", "conversations", "messages", "keys")
"""Kinds of things that last words name; the receipt counts all of them."""
CHAT_MESSAGES = "chat messages"
"""What a platform has removed from the chat itself; named apart."""
WELCOME = "welcome"
PRIVACY = "privacy"
"""Tokens of messages whose choices stay valid for ever."""


class Prompts:
    """Builds messages from texts and terms."""

    def __init__(self, wording: Wording, terms: Terms) -> None:
        self._wording = wording
        self._terms = terms
        self._photo = PhotoQuestions(self.text, terms)

    # --- small parts ------------------------------------------------------------------------

    def text(self, language: str, text_id: str, **variables: Value) -> str:
        """A text with the facts of this installation filled in."""
        hosted = self._terms.hosted
        facts: dict[str, Value] = {
            "host": self._terms.host,
            "recipient": hosted.recipient if hosted else self._wording.text(language, "somebody"),
            "country": hosted.country if hosted else "",
            "processors": " & ".join(hosted.processors) if hosted else "",
            "photo-time": self.duration(language, self._terms.photo_seconds),
            "headshot-time": self.duration(language, self._terms.headshot_seconds),
            "limit": LARGEST_MB,
        }
        return self._wording.text(language, text_id, **(facts | variables))

    def say(self, language: str, text_id: str, **variables: Value) -> Message:
        """A message that asks nothing."""
        return Message(text=self.text(language, text_id, **variables))

    def duration(self, language: str, seconds: int) -> str:
        """A length of time in words, in hours or minutes."""
        if seconds % HOUR == 0:
            return self._wording.text(language, "time-hours", n=seconds // HOUR)
        return self._wording.text(language, "time-minutes", n=max(1, round(seconds / 60)))

    def _choice(self, language: str, text_id: str, verb: str, style: Style = Style.PLAIN) -> Choice:
        return Choice(verb=verb, label=self.text(language, text_id), style=style)

    # --- standing messages ------------------------------------------------------------------

    def questions(self) -> tuple[Question, ...]:
        """The consent questions that are real here, in order."""
        real = [Question.SELF, Question.PURPOSE, Question.WHERE]
        return (*real, Question.LIKENESS) if self._terms.likeness else tuple(real)

    def welcome(self, language: str) -> Message:
        text = self.text(
            language,
            "welcome",
            bot=self._terms.bot,
            variants=self._terms.variants,
            questions=len(self.questions()),
        )
        choices = (
            self._choice(language, "welcome-start", "start"),
            self._choice(language, "welcome-privacy", "privacy"),
        )
        return Message(text=text, choices=choices, question=WELCOME)

    def privacy_text(self, language: str) -> str:
        """The seven straight answers."""
        kind = "hosted" if self._terms.hosted else "local"
        contact = "privacy-contact" if self._terms.contact else "privacy-contact-none"
        facts: dict[str, Value] = {
            "controller": self._terms.controller,
            "contact": self._terms.contact,
        }
        handlers = [self.text(language, f"privacy-handlers-{kind}")]
        work = "carried" if self._terms.carriers and not self._terms.hosted else kind
        if self._terms.carriers:
            names = ", ".join(self._terms.carriers)
            handlers.insert(0, self.text(language, "privacy-carriers", carriers=names))
        return self.text(
            language,
            "privacy",
            **{
                "version": self._terms.version,
                "provider-terms": self.text(language, f"privacy-terms-{work}"),
                "handlers": " ".join(handlers),
                "contact-line": self.text(language, contact, **facts),
            },
        )

    def privacy(self, language: str, *, nobody: bool) -> Message:
        """The answers; `nobody` is somebody without a record, who has nothing to erase yet."""
        choice = self._choice(language, "privacy-erase", "delete", Style.DANGER)
        if nobody:
            choice = self._choice(language, "welcome-start", "start")
        return Message(text=self.privacy_text(language), choices=(choice,), question=PRIVACY)

    # --- what a state asks ------------------------------------------------------------------

    def of(self, state: State, at: datetime) -> Message | None:
        """The open question of a state; None when nothing is asked."""
        match state:
            case Consenting(sitting, question):
                return self._consent(sitting, question)
            case Doubting(sitting, doubt):
                return self._photo.doubt(sitting, doubt)
            case Choosing(sitting):
                return self._looks(sitting)
            case Making(sitting, slow=slow) if slow:
                return self._slow(sitting, slow)
            case Making(sitting, order):
                return self.progress(sitting.language, "queued", order)
            case Delivered(sitting):
                return self._delivered(sitting, at)
            case Confirming(before, token, language):
                return self._confirm(before, token, language)
            case _:
                return None

    def _consent(self, sitting: Sitting, question: Question) -> Message | None:
        language = sitting.language
        asked = self.questions()
        if question not in asked:
            return None  # it was real when it was asked; the installation has changed since
        number, total = asked.index(question) + 1, len(asked)
        if question is Question.WHERE:
            return self._photo.where(sitting, number, total)
        pairs = [(f"{question.value}-yes", "yes"), (f"{question.value}-no", "no")]
        if question is Question.LIKENESS:
            pairs = [("likeness-yes", "yes"), ("likeness-skip", "skip")]
        return Message(
            text=self.text(language, f"ask-{question.value}", number=number, total=total),
            choices=tuple(self._choice(language, text_id, verb) for text_id, verb in pairs),
            question=f"{question.value}-{sitting.serial}",
        )

    def _looks(self, sitting: Sitting) -> Message:
        text_id = "ask-look-again" if sitting.orders else "ask-look"
        choices = tuple(
            Choice(verb=look, label=self.text(sitting.language, f"look-{look}"), look=look)
            for look in self._terms.looks
        )
        return Message(
            text=self.text(sitting.language, text_id, receipt=receipt_id(sitting.answers)),
            choices=choices,
            question=f"look-{sitting.serial}",
        )

    def progress(self, language: str, stage: str, order: str) -> Message:
        """The one message that shows how far an order is."""
        running = stage not in {"made", "stopped", "again"}
        cancel = (self._choice(language, "cancel-order", "cancel"),) if running else ()
        text = self.text(language, f"progress-{stage}")
        token = f"order-{order}"
        return Message(text=text, choices=cancel, question=token if running else "", slot=token)

    def _slow(self, sitting: Sitting, serial: int) -> Message:
        """What to do about an order that takes long."""
        pairs = (("slow-wait", "wait"), ("slow-here", "instead"), ("slow-cancel", "cancel"))
        return Message(
            text=self.text(sitting.language, "ask-slow"),
            choices=tuple(self._choice(sitting.language, *pair) for pair in pairs),
            question=f"slow-{serial}",
        )

    def asked(self, state: Visit, question: str, at: datetime) -> Message | None:
        """The open question with that token; an order can be cancelled whatever else is asked."""
        prompt = self.of(state, at)
        if isinstance(state, Making) and prompt and prompt.question != question:
            prompt = self.progress(state.sitting.language, "queued", state.order)
        return prompt if prompt and prompt.question == question else None

    def progress_of(self, effect: MakeHeadshots, stage: str) -> Message:
        """As `progress`, for whoever carries the order out."""
        return self.progress(effect.language, stage, effect.order.id)

    def _after(self, sitting: Sitting) -> tuple[Choice, ...]:
        language = sitting.language
        erase = self._choice(language, "erase-now", "erase-now", Style.DANGER)
        unbadged = sitting.batches and not sitting.batches[-1].badged
        badge = (self._choice(language, "badge", "badge"),) if unbadged else ()
        if sitting.crop is None:
            return (*badge, erase)
        # Where the cut-out was doubtful another background would be; another photo may not.
        doubtful = sitting.batches and is_doubtful(sitting.batches[-1].headshots)
        onward = ("where-different", "different") if doubtful else ("again", "again")
        unlike = [("again-not-me", Again.NOT_ME.value)]
        if next_wish(sitting, Again.CLOSER) is not None:
            unlike.append(("again-closer", Again.CLOSER.value))
        likely = tuple(self._choice(language, *pair) for pair in (*unlike, onward))
        return (*likely, *badge, self._choice(language, "done", "done"), erase)

    def _delivered(self, sitting: Sitting, at: datetime) -> Message:
        last = max((batch.until for batch in sitting.batches), default=at)
        hours = max(1, round((last - at) / timedelta(hours=1)))
        return Message(
            text=self.text(sitting.language, "status-delivered", hours=hours),
            choices=self._after(sitting),
            question=f"delivered-{sitting.serial}",
        )

    def results(self, sitting: Sitting, batch: Batch, how: str) -> Message:
        """The headshots themselves, with who made them (``results-by-``) and what to do next."""
        language, shots = sitting.language, batch.headshots
        text = caption(self, language, batch, how)
        return Message(
            text=text,
            choices=self._after(sitting),
            question=f"delivered-{sitting.serial}",
            attachments=self._attached(language, shots),
        )

    def badged(self, sitting: Sitting, shots: tuple[Headshot, ...], *, ask: bool) -> Message:
        """The copies with a badge; with `ask`, and what to do next."""
        return Message(
            text=self.text(sitting.language, "badge-ready"),
            choices=self._after(sitting) if ask else (),
            question=f"delivered-{sitting.serial}" if ask else "",
            attachments=self._attached(sitting.language, shots, "-ai-badge"),
        )

    def badge_words(self, sitting: Sitting) -> str:
        """What the badge on the newest headshots says."""
        source = strongest(sitting.batches[-1].headshots)
        return self.text(sitting.language, f"badge-{source.name.lower()}")

    def _attached(
        self, language: str, shots: tuple[Headshot, ...], suffix: str = ""
    ) -> tuple[Attachment, ...]:
        return tuple(
            Attachment(
                photo=shot.photo,
                name=f"headshot-{shot.format}-{number}{suffix}.jpg",
                media_type="image/jpeg",
                alt=self._alt(language, shot, number, len(shots)),
                keep=True,
            )
            for number, shot in enumerate(shots, start=1)
        )

    def _alt(self, language: str, shot: Headshot, number: int, total: int) -> str:
        return self.text(
            language,
            "headshot-alt",
            look=self.text(language, f"look-{shot.look}"),
            format=self.text(language, f"format-{shot.format}"),
            number=number,
            total=total,
        )

    # --- erasing ----------------------------------------------------------------------------

    def _confirm(self, before: Visit | Idle, token: str, language: str) -> Message:
        photos = headshots = 0
        if not isinstance(before, Idle):
            photos = len(before.sitting.crops)
            headshots = sum(len(batch.all) for batch in before.sitting.batches)
        text = self.text(language, "confirm-erase", photos=photos, headshots=headshots)
        choices = (
            self._choice(language, "erase-yes", "erase-yes", Style.DANGER),
            self._choice(language, "erase-keep", "erase-keep"),
        )
        return Message(text=text, choices=choices, question=token)

    def goodbye(self, language: str, farewell: Farewell, receipt: str, erased: Erased) -> Message:
        """The last words, said after everything was erased."""
        gone = [
            self.text(language, f"count-{kind}", n=erased.counts[kind])
            for kind in COUNTED
            if erased.counts.get(kind)
        ]
        told = self._told(language, erased.remains)
        if farewell is Farewell.ASKED:
            sent = any(one.trace is Trace.PROVIDER for one in erased.remains)
            nobody = "erased-nothing-there" if self._terms.hosted else "erased-nothing-sent"
            chat = erased.counts.get(CHAT_MESSAGES, 0)
            here = [self.text(language, "erased-chat", n=chat)] if chat else []
            there = [] if sent else [self.text(language, nobody)]
            told = [*here, *there, *self.remains(language, erased.remains)]
        elif told:
            told = self.remains(language, erased.remains)
        said = self.text(
            language,
            f"erased-{farewell.value}",
            receipt=receipt,
            counts=", ".join(gone) or self.text(language, "count-nothing"),
            key=self.text(language, "erased-key") if erased.counts.get("keys") else "",
            remains="\n\n".join(told),
        )
        if farewell is not Farewell.ASKED and told:
            said += "\n\n" + "\n\n".join(told)
        return Message(text=said)

    def remains(self, language: str, remains: Sequence[Remains]) -> list[str]:
        """What an erasure left, in sentences, as the receipt lists it."""
        return [self.text(language, "erased-remains"), *self._told(language, remains)]

    def _told(self, language: str, remains: Sequence[Remains]) -> list[str]:
        return [
            self.text(
                language,
                f"remains-{one.trace.value}",
                until=f"{one.until:%H:%M} UTC" if one.until else "",
            )
            for one in remains
        ]
