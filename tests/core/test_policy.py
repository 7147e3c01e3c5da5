"""The table from what was seen to what follows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Box, Check, Findings, Mark, PhotoProblem, Sight, Trait
from bot.policy import ANSWERS, SHOWN, Doubt, Fix, Ruling, judge

FACE = Box(0.4, 0.2, 0.6, 0.4)
BOX = Box(0.1, 0.1, 0.2, 0.2)
CLEAN = Findings(width=800, height=1000, faces=(FACE,))


def seen(*sights: Sight, **more: Any) -> Findings:
    """A good photo with these marks."""
    marks = tuple(Mark(sight, BOX) for sight in sights)
    return Findings(width=800, height=1000, faces=(FACE,), marks=marks, **more)


CASES: list[tuple[str, Findings, Ruling]] = [
    ("nothing", CLEAN, Ruling()),
    ("a badge", seen(Sight.BADGE), Ruling(doubts=(Doubt.BADGE,))),
    ("a code", seen(Sight.CODE), Ruling(doubts=(Doubt.CODE,))),
    ("writing", seen(Sight.WRITING), Ruling(doubts=(Doubt.WRITING,))),
    ("a badge and writing", seen(Sight.WRITING, Sight.BADGE), Ruling(doubts=(Doubt.BADGE,))),
    ("a code and writing", seen(Sight.WRITING, Sight.CODE), Ruling(doubts=(Doubt.CODE,))),
    (
        "a badge with a code",
        seen(Sight.CODE, Sight.BADGE, Sight.WRITING),
        Ruling(doubts=(Doubt.BADGE,)),
    ),
    (
        "somebody else who can be cut off",
        seen(people=2),
        Ruling(doubts=(Doubt.PEOPLE,)),
    ),
    (
        "somebody else who cannot",
        seen(people=2, separable=False),
        Ruling(problem=PhotoProblem.SEVERAL_FACES),
    ),
    (
        "a screenshot",
        seen(traits=frozenset({Trait.SCREENSHOT})),
        Ruling(doubts=(Doubt.SCREENSHOT,)),
    ),
    (
        "an agency's picture",
        seen(traits=frozenset({Trait.PUBLISHED})),
        Ruling(doubts=(Doubt.SCREENSHOT,)),
    ),
    ("an AI label", seen(traits=frozenset({Trait.AI_MADE})), Ruling(doubts=(Doubt.AI_MADE,))),
    (
        "everything at once",
        seen(Sight.WRITING, people=2, traits=frozenset({Trait.AI_MADE, Trait.SCREENSHOT})),
        Ruling(doubts=(Doubt.SCREENSHOT, Doubt.AI_MADE, Doubt.PEOPLE, Doubt.WRITING)),
    ),
    ("a hidden place", seen(traits=frozenset({Trait.HIDDEN_PLACE})), Ruling()),
    (
        "an identity document",
        seen(Sight.WRITING, traits=frozenset({Trait.ID_DOCUMENT})),
        Ruling(problem=PhotoProblem.ID_DOCUMENT),
    ),
    ("blurred", seen(problem=PhotoProblem.BLURRED), Ruling(problem=PhotoProblem.BLURRED)),
    (
        "small faces behind",
        Findings(width=800, height=1000, faces=(FACE, BOX)),
        Ruling(fixes=(Fix.FACES_HIDDEN,)),
    ),
    (
        "writing that goes with the background",
        Findings(
            width=800, height=1000, faces=(FACE,), marks=(Mark(Sight.CODE, BOX, stays=False),)
        ),
        Ruling(fixes=(Fix.WRITING_GONE,)),
    ),
    (
        "a check that did not run",
        seen(unchecked=frozenset({Check.CODES})),
        Ruling(unchecked=True),
    ),
]


@pytest.mark.parametrize(("findings", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_was_seen_leads_to(findings: Findings, verdict: Ruling) -> None:
    assert judge(findings) == verdict


def test_every_doubt_has_answers_of_which_the_first_goes_on() -> None:
    assert set(ANSWERS) == set(Doubt)
    for verbs in ANSWERS.values():
        assert verbs[0] not in {"different", "erase"}
        assert verbs[-2:] == ("different", "erase")


def test_only_writing_may_be_called_not_private() -> None:
    assert [doubt for doubt, verbs in ANSWERS.items() if "keep" in verbs] == [Doubt.WRITING]
    assert Ruling(doubts=(Doubt.WRITING,)).wants_plain
    assert not any(Ruling(doubts=(doubt,)).wants_plain for doubt in set(Doubt) - {Doubt.WRITING})


def test_what_is_blurred_or_cut_off_is_shown() -> None:
    assert {doubt for doubt, verbs in ANSWERS.items() if verbs[0] in {"blur", "crop"}} == SHOWN


boxes = st.just(BOX)
findings = st.builds(
    Findings,
    problem=st.none() | st.sampled_from(PhotoProblem),
    faces=st.lists(boxes, min_size=1, max_size=3).map(tuple),
    people=st.integers(1, 3),
    separable=st.booleans(),
    marks=st.lists(st.builds(Mark, st.sampled_from(Sight), boxes, st.booleans()), max_size=4).map(
        tuple
    ),
    traits=st.frozensets(st.sampled_from(Trait)),
    unchecked=st.frozensets(st.sampled_from(Check)),
)


@given(findings)
def test_nothing_that_stays_in_the_crop_goes_unasked(some: Findings) -> None:
    verdict = judge(some)

    marked = any(mark.stays for mark in some.marks)
    readable = {Doubt.BADGE, Doubt.CODE, Doubt.WRITING}
    assert verdict.problem or marked == bool(readable & set(verdict.doubts))
    assert verdict.problem or (some.people > 1) == (Doubt.PEOPLE in verdict.doubts)
    assert verdict.problem or verdict.unchecked == bool(some.unchecked)


@given(findings)
def test_what_is_refused_is_asked_nothing(some: Findings) -> None:
    verdict = judge(some)

    assert not (verdict.problem and (verdict.doubts or verdict.fixes))
    assert len(readable_doubts(verdict)) <= 1, "one question about what can be read"


def readable_doubts(verdict: Ruling) -> set[Doubt]:
    return set(verdict.doubts) & {Doubt.BADGE, Doubt.CODE, Doubt.WRITING}


@given(findings)
def test_a_verdict_stays_the_same_whoever_the_person_is(some: Findings) -> None:
    """Nothing but what the table names counts: not where the face is, nor how large it looks."""
    elsewhere = Findings(
        problem=some.problem,
        width=4000,
        height=3000,
        faces=tuple(FACE for _ in some.faces),
        people=some.people,
        separable=some.separable,
        marks=some.marks,
        traits=some.traits,
        unchecked=some.unchecked,
    )

    assert judge(elsewhere) == judge(some)
