"""The consent record: complete, about what was shown, and without a person in it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from bot import consent
from bot.effects import PackData
from bot.model import Message, SelfieRef
from bot.states import Answer, Question, Sitting
from bot.terms import Terms
from tests.core import strategies
from tests.core.play import BEGINNING, EVERYTHING, LOCAL, Play, sitting_of

# The mandatory fields of ISO/IEC TS 27560:2023, as the W3C DPV guide "consent-27560" lists them,
# and where ours has them.
MANDATORY = {
    "schema version": "schema",
    "record id": "record_id",
    "receipt id": "receipt_id",
    "PII principal id": "principal",
    "privacy notice": "notice.version",
    "language": "notice.language",
    "purpose": "purposes.0.purpose",
    "PII information": "purposes.0.pii",
    "PII controllers": "controllers.0.name",
    "storage locations": "purposes.0.storage_locations",
    "retention period": "purposes.0.retention",
    "jurisdiction": "jurisdiction",
    "recipient third parties": "purposes.0.recipients",
    "withdrawal method": "withdrawal",
    "lawful basis": "purposes.0.lawful_basis",
    "events": "events.0.state",
}


def agreed(terms: Terms = EVERYTHING, *answers: str) -> Play:
    """A person who has answered every question: yes, or as given."""
    play = Play(terms)
    play.selfie()
    for verb in answers or ("yes", "yes", "hosted", "yes"):
        if play.work:
            play.finish()
        play.tap(verb)
    play.finish()  # the closer look, which finds nothing
    return play


def sitting(play: Play) -> Sitting:
    found = sitting_of(play.state)
    assert found is not None
    return found


def record(play: Play) -> dict[str, Any]:
    return consent.record(sitting(play), play.terms, play.at)


def at_path(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value[int(key)] if key.isdecimal() else value[key]
    return value


@pytest.mark.parametrize("path", MANDATORY.values(), ids=MANDATORY)
def test_the_record_has_every_mandatory_field(path: str) -> None:
    found = at_path(record(agreed()), path)

    # A purpose without recipients says so with an empty list; everything else says something.
    assert found


def test_the_record_names_the_recipient_only_when_the_photo_may_go_there() -> None:
    hosted = record(agreed(EVERYTHING, "yes", "yes", "hosted", "skip"))
    here = record(agreed(EVERYTHING, "yes", "yes", "here", "skip"))

    assert hosted["purposes"][0]["recipients"] == ["Pictures, Inc. (US)", "Makers"]
    assert here["purposes"][0]["recipients"] == []


def test_measuring_the_face_is_a_purpose_only_when_it_was_agreed_to() -> None:
    yes = record(agreed(EVERYTHING, "yes", "yes", "here", "yes"))
    skip = record(agreed(EVERYTHING, "yes", "yes", "here", "skip"))

    assert [purpose["id"] for purpose in yes["purposes"]] == ["make_headshots", "likeness_check"]
    assert [purpose["id"] for purpose in skip["purposes"]] == ["make_headshots"]


def test_a_refused_answer_is_recorded_as_refused() -> None:
    events = record(agreed(EVERYTHING, "yes", "yes", "here", "skip"))["events"]

    assert [event["state"] for event in events] == ["given", "given", "given", "refused"]


def test_every_answer_carries_the_hash_of_what_was_shown() -> None:
    play = agreed()
    shown = {consent.text_hash(message) for message in play.said if message.choices}

    answers = record(play)["answers"]
    assert [answer["question"] for answer in answers] == [question.value for question in Question]
    assert {answer["text_sha256"] for answer in answers} <= shown
    assert len({answer["text_sha256"] for answer in answers}) == len(answers)


def test_the_hash_covers_the_text_and_every_label() -> None:
    play = Play(LOCAL)
    play.selfie()
    asked = play.question
    assert asked is not None

    labels = replace(asked, choices=(replace(asked.choices[0], label="Yes"), *asked.choices[1:]))
    others = (replace(asked, text=asked.text + " "), labels, replace(asked, choices=()))
    hashes = {consent.text_hash(message) for message in (asked, *others)}
    assert len(hashes) == 4
    assert consent.text_hash(replace(asked, question="other")) == consent.text_hash(asked)
    assert consent.text_hash(Message("")) == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing
    )


def test_the_receipt_shown_is_the_receipt_of_the_record() -> None:
    play = agreed()
    asked = play.question
    assert asked is not None

    assert f"Receipt {record(play)['receipt_id']}." in asked.text


def test_the_receipt_id_stays_while_the_answers_stay() -> None:
    play = agreed()
    first = consent.receipt_id(sitting(play).answers)
    play.tap("grey")
    play.finish()

    assert consent.receipt_id(sitting(play).answers) == first
    assert first.startswith("CR-")
    assert len(first) == 11


@given(strategies.sittings, strategies.answers)
def test_another_answer_is_another_receipt(before: Sitting, answer: Answer) -> None:
    after = replace(before, answers=(*before.answers, answer))

    assert consent.receipt_id(before.answers) != consent.receipt_id(after.answers)


def test_the_consent_for_headshots_outlives_the_picture_they_were_made_from() -> None:
    play = agreed(LOCAL, "yes", "yes", "here")
    agreement = sitting(play)
    play.tap("grey")
    play.finish()
    play.tap("done")

    assert sitting(play).crop is None
    (held,) = record(play)["headshots_held"]
    assert held["receipt_id"] == consent.receipt_id(agreement.answers)
    assert held["crop_sha256"] == agreement.crop_sha256 != ""
    assert [answer["answer"] for answer in held["answers"]] == ["yes", "yes", "here"]


def test_answers_under_outdated_terms_justify_nothing() -> None:
    play = agreed()

    stale = consent.record(sitting(play), replace(EVERYTHING, photo_seconds=7200), play.at)

    assert stale["purposes"] == []
    assert len(stale["answers"]) == 4


def test_no_person_is_in_the_record() -> None:
    play = agreed()
    named = replace(sitting(play), selfie=SelfieRef("canary-person"))

    written = json.dumps(consent.record(named, play.terms, play.at))

    assert "canary-person" not in written
    assert sitting(play).crop is not None
    assert str(sitting(play).crop) not in written


@given(strategies.sittings, strategies.terms, strategies.moments)
def test_a_record_of_anything_is_plain_json(some: Sitting, terms: Terms, moment: datetime) -> None:
    made = consent.record(some, terms, moment)

    assert json.loads(json.dumps(made)) == made


def test_a_copy_of_the_data_holds_the_record_of_that_moment() -> None:
    play = agreed()
    play.write("/mydata")

    (pack,) = [effect for effect in play.effects if isinstance(effect, PackData)]
    assert json.loads(pack.consent) == record(play)
    assert pack.crop == sitting(play).crop
    assert play.at - BEGINNING < timedelta(minutes=1)
