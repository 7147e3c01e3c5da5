"""The consent record: what was asked, in which words, what was answered, and what follows.

Its fields are the mandatory ones of ISO/IEC TS 27560:2023 (header, processing, parties, events;
read through the W3C DPV guide "consent-27560"), plus the hash of each text exactly as it was
shown. Pure: the record is computed from the sitting, so it cannot drift from what happened.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from bot.errors import NotApproved
from bot.model import Message
from bot.states import Answer, Question, Sitting
from bot.terms import Terms

SCHEMA = "workshot/consent-1 (ISO/IEC TS 27560:2023)"


def text_hash(message: Message) -> str:
    """SHA-256 (hex) of a question as shown: its text, then each choice, a line each."""
    shown = "\n".join([message.text, *(choice.label for choice in message.choices)])
    return hashlib.sha256(shown.encode()).hexdigest()


def receipt_id(answers: tuple[Answer, ...]) -> str:
    """Short id of a consent, ``CR-`` and eight hex digits, computed from its answers."""
    return "CR-" + hashlib.sha256(msgspec.json.encode(answers)).hexdigest()[:8].upper()


class ApprovedCrop:
    """A picture that its person was shown and agreed to, byte for byte.

    `approve` makes it and nothing else can, and no provider takes anything else: so there is no way
    for other bytes to reach one.
    """

    __slots__ = ("jpeg", "sha256")

    def __init__(self, jpeg: bytes, sha256: str, *, by: object) -> None:
        if by is not _CONSENT:
            raise TypeError("only bot.consent.approve makes an approved crop")
        self.jpeg = jpeg
        self.sha256 = sha256

    def __repr__(self) -> str:
        return "ApprovedCrop()"


_CONSENT = object()


def approve(agreed_sha256: str, picture: bytes) -> ApprovedCrop:
    """The picture, if it is the one that answer 3 was given to. Raises `NotApproved`."""
    if not agreed_sha256 or hashlib.sha256(picture).hexdigest() != agreed_sha256:
        raise NotApproved
    return ApprovedCrop(picture, agreed_sha256, by=_CONSENT)


def _purposes(sitting: Sitting, terms: Terms) -> list[dict[str, Any]]:
    hosted = sitting.answer(Question.WHERE, terms) == "hosted" and terms.hosted is not None
    recipients: list[str] = []
    if terms.hosted:
        recipients = [f"{terms.hosted.recipient} ({terms.hosted.country})"]
        recipients += terms.hosted.processors
    purposes: list[dict[str, Any]] = [
        {
            "id": "make_headshots",
            "purpose": "make professional headshots of the person, for the person",
            "pii": ["one photo of the person, cropped, without metadata", "the finished headshots"],
            "recipients": recipients if hosted else [],
            "storage_locations": [terms.host],
            "retention": {
                "photo": f"PT{terms.photo_seconds}S",
                "headshots": f"PT{terms.headshot_seconds}S",
            },
            "lawful_basis": "consent, GDPR 6(1)(a)",
        }
    ]
    if sitting.answer(Question.LIKENESS, terms) == "yes":
        purposes.append(
            {
                "id": "likeness_check",
                "purpose": "check that the results look like the person",
                "pii": ["face measurement (biometric data), in memory only"],
                "recipients": [],
                "storage_locations": [],
                "retention": {"measurement": "PT0S"},
                "lawful_basis": "explicit consent, GDPR 9(2)(a)",
            }
        )
    return purposes


def _answer(answer: Answer) -> dict[str, str]:
    return {
        "question": answer.question.value,
        "answer": answer.verb,
        "at": answer.at.isoformat(),
        "language": answer.language,
        "policy": answer.policy,
        "text_sha256": answer.text_sha256,
        **({"crop_sha256": answer.crop_sha256} if answer.crop_sha256 else {}),
    }


def _event(answer: Answer) -> dict[str, str]:
    state = "refused" if answer.verb in {"no", "skip"} else "given"
    return {"state": state, "question": answer.question.value, "at": answer.at.isoformat()}


def record(sitting: Sitting, terms: Terms, at: datetime) -> dict[str, Any]:
    """The record as JSON-ready values. It names the person only as "you"."""
    current = [answer for answer in sitting.answers if answer.policy == terms.version]
    return {
        "schema": SCHEMA,
        "record_id": receipt_id(sitting.answers).replace("CR-", "RC-"),
        "receipt_id": receipt_id(sitting.answers),
        "made_at": at.isoformat(),
        "principal": "you, the person in this chat",
        "controllers": [{"name": terms.controller, "privacy_contact": terms.contact}],
        "notice": {"version": terms.version, "language": sitting.language},
        "jurisdiction": "as stated by the controller",
        "collection_method": "answers given in this chat, one question at a time",
        "purposes": _purposes(sitting, terms) if current else [],
        "crop_sha256": sitting.crop_sha256,
        "answers": [_answer(answer) for answer in sitting.answers],
        "about_the_photo": [
            {"seen": one.doubt.value, "answer": one.verb, "at": one.at.isoformat()}
            for one in sitting.screening.settled
        ],
        "headshots_held": [
            {
                "receipt_id": receipt_id(batch.answers),
                "crop_sha256": batch.crop_sha256,
                "until": batch.until.isoformat(),
                "answers": [_answer(answer) for answer in batch.answers],
            }
            for batch in sitting.batches
        ],
        "withdrawal": "/stop withdraws, /delete erases everything",
        "rights": ["/mydata", "/stop", "/delete", "complain to your data protection authority"],
        "events": [_event(answer) for answer in sitting.answers],
    }
