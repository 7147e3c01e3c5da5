"""The questions that show the crop: what is in the photo, and question 3. Pure."""

from __future__ import annotations

from bot.model import Attachment, Choice, Message
from bot.policy import ANSWERS, SHOWN, Doubt
from bot.states import Question, Sitting
from bot.terms import Terms
from bot.wording import Text


class PhotoQuestions:
    """Builds them, with `text` filling in the facts of this installation."""

    def __init__(self, text: Text, terms: Terms) -> None:
        self._text = text
        self._terms = terms

    def where(self, sitting: Sitting, number: int, total: int) -> Message:
        """Question 3. What was not checked in full is offered to nobody else."""
        screening = sitting.screening
        hosted = self._terms.hosted is not None and screening.may_leave
        places = [("where-hosted", "hosted"), ("where-local", "here")]
        pairs = places if hosted else [("where-here", "here")]
        pairs = [*pairs, ("where-different", "different"), ("where-erase", "erase")]
        parts = [f"ask-where-{'hosted' if hosted else 'local'}"]
        parts += [f"fixed-{fix.value}" for fix in screening.fixes]
        parts += ["told-unchecked"] if screening.unchecked else []
        texts = [self._text(sitting.language, part, number=number, total=total) for part in parts]
        return Message(
            text="\n\n".join(texts),
            choices=self._choices(sitting, pairs),
            question=f"{Question.WHERE.value}-{sitting.serial}",
            attachments=self._picture(sitting, "where-alt"),
        )

    def doubt(self, sitting: Sitting, doubt: Doubt) -> Message:
        """A question about what is in the photo, with the crop as the first answer has it."""
        return Message(
            text=self._text(sitting.language, f"ask-{doubt.value}"),
            choices=self._choices(sitting, [(f"doubt-{verb}", verb) for verb in ANSWERS[doubt]]),
            question=f"{doubt.value}-{sitting.serial}",
            attachments=self._picture(sitting, f"{doubt.value}-alt") if doubt in SHOWN else (),
        )

    def _choices(self, sitting: Sitting, pairs: list[tuple[str, str]]) -> tuple[Choice, ...]:
        """One choice for each text and verb."""
        return tuple(
            Choice(verb=verb, label=self._text(sitting.language, text_id))
            for text_id, verb in pairs
        )

    def _picture(self, sitting: Sitting, alt_id: str) -> tuple[Attachment, ...]:
        if sitting.crop is None:
            return ()
        alt = self._text(sitting.language, alt_id)
        return (Attachment(sitting.crop, "exact-picture.jpg", "image/jpeg", alt),)
