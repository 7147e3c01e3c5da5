"""Every text exists, is used, renders with what the code gives it, and keeps to the house style."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message as Entry
from fluent.syntax.ast import VariableReference
from fluent.syntax.visitor import Visitor
from msgspec.structs import replace

from bot.commands import STATUS
from bot.conversation import HINTS, Conversation
from bot.disclosure import Source
from bot.effects import Farewell
from bot.events import SelfieSent, SelfieUnfit
from bot.introduction import LISTED, introduction
from bot.model import Erased, PhotoProblem, Remains, SelfieRef, Trace
from bot.policy import ANSWERS, SHOWN, Doubt, Fix
from bot.prompts import CHAT_MESSAGES, COUNTED, Prompts
from bot.reading import SPOKEN
from bot.states import Consenting, Delivered, Making, Question, Screening
from bot.terms import Hosted, Terms
from bot.wording import DEFAULT, LANGUAGES, Value, Wording, WordingMissing
from tests.core.following import follow
from tests.core.play import BEGINNING, FORMATS, LOOKS, WORDING, Play
from tests.core.seldom import everything_left_out, in_a_workspace, not_me_until_nothing_is_left
from tests.core.test_transcripts import (
    TO_Q3,
    TRANSCRIPTS,
    headshots_on_own_background,
)

SOURCES = {
    name: (files("bot") / "locales" / f"{name}.ftl").read_text("utf-8") for name in LANGUAGES
}
STAGES = (
    *("checking", "checked", "queued", "reading", "cutting", "lighting", "finishing", "made"),
    *("sending", "making", "instead"),
)
MAKERS = ("here", "hosted", "instead", "cap")
# As long as a name gets, so that lengths are measured at their worst.
LONG = "x" * 60
LONGEST = Terms(
    looks=LOOKS,
    controller=LONG,
    contact=LONG,
    host=LONG,
    carriers=("Telegram", "Slack"),
    photo_seconds=59 * 60,
)
EVERYWHERE = replace(LONGEST, hosted=Hosted("hosted", LONG, LONG, (LONG,)), likeness=True)
EVERY_TRACE = tuple(Remains(trace, datetime(2026, 11, 22, 14, 30, tzinfo=UTC)) for trace in Trace)
SHOWN_WITH_A_PICTURE = {f"ask-{doubt.value}" for doubt in SHOWN}
WITH_PICTURES = {"ask-where-local", "ask-where-hosted", "mydata-ready", *SHOWN_WITH_A_PICTURE}


class Names(Visitor):
    """Collects the variables of a text."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    # The name is fluent's.
    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)


def variables(source: str) -> dict[str, set[str]]:
    """The variables of each text."""
    texts = {}
    for entry in FluentParser().parse(source).body:
        if isinstance(entry, Entry):
            names = Names()
            names.visit(entry)
            texts[entry.id.name] = names.found
    return texts


IDS = variables(SOURCES[DEFAULT])


class Listening(Wording):
    """The real texts, with a list of those that were asked for."""

    def __init__(self) -> None:
        super().__init__(SOURCES)
        self.heard: dict[str, set[str]] = {}

    def text(self, language: str, text_id: str, **given: Value) -> str:
        said = super().text(language, text_id, **given)
        self.heard.setdefault(text_id, set()).add(said)
        return said


@cache
def everything_said() -> dict[str, set[str]]:
    """Each text as it comes out in conversations that leave nothing out, with the longest names."""
    listening = Listening()
    at_home = Conversation(listening, LONGEST)
    for lines in TRANSCRIPTS.values():
        follow(lines, LONGEST, at_home)
    for problem in PhotoProblem:
        follow(TO_Q3[:3], LONGEST, at_home).fail(problem)
    play = Play(LONGEST, at_home)
    play.do(SelfieUnfit(PhotoProblem.TOO_BIG, 20))
    play.do(SelfieSent(SelfieRef("first of several"), more=True))
    play = headshots_on_own_background(at_home)
    play.tap("badge")
    play.fail(None)
    about_the_photo(listening, at_home)
    play = Play(EVERYWHERE, Conversation(listening, EVERYWHERE))
    play.write("/privacy")
    while not isinstance(play.state, Making):
        play.agree()
    play.wait(EVERYWHERE.slow_seconds + 1)
    while not isinstance(play.state, Delivered):
        play.agree()
    not_me_until_nothing_is_left(play)
    everything_left_out(Conversation(listening, EVERYWHERE), EVERYWHERE)
    in_a_workspace(listening)
    Conversation(listening, Terms(looks=LOOKS)).prompts.privacy(DEFAULT, nobody=True)
    outside_of_conversations(Prompts(listening, LONGEST))
    Prompts(listening, LONGEST).goodbye(DEFAULT, Farewell.ASKED, "DR-12345678", Erased())
    abroad = Prompts(listening, EVERYWHERE)
    outside_of_conversations(abroad)
    abroad.goodbye(DEFAULT, Farewell.ASKED, "DR-12345678", Erased())
    state = play.state
    if isinstance(state, Delivered):
        for maker in MAKERS:
            abroad.results(state.sitting, state.sitting.batches[-1], maker)
    return listening.heard


def about_the_photo(listening: Wording, at_home: Conversation) -> None:
    """Every question about what is in it, and question 3 with all it can tell."""
    for doubt in Doubt:
        follow(TO_Q3[:3], LONGEST, at_home).finish(doubt)
    for terms in (LONGEST, EVERYWHERE):
        Prompts(listening, terms).of(worst_question_three(terms), BEGINNING)


def outside_of_conversations(prompts: Prompts) -> None:
    """What the engine says: progress, and last words."""
    for farewell in set(Farewell) - {Farewell.LEFT}:
        for n in (0, 1, 1000):
            erased = Erased(dict.fromkeys((*COUNTED, CHAT_MESSAGES), n), EVERY_TRACE)
            prompts.goodbye(DEFAULT, farewell, "DR-12345678", erased)
    for stage in (*STAGES, "stopped"):
        prompts.progress(DEFAULT, stage, "0" * 16)
    for text_id in ("removal-confirmed", "removal-unconfirmed"):
        prompts.say(DEFAULT, text_id, receipt="DR-12345678")
    prompts.say(DEFAULT, "slow-patient")
    prompts.say(DEFAULT, "erasing-slow")
    introduction(prompts)


def worst_question_three(terms: Terms) -> Consenting:
    """Question 3 with everything that can be told with it."""
    play = Play(terms, Conversation(WORDING, terms))
    while not isinstance(play.state, Consenting) or play.state.question is not Question.WHERE:
        play.agree()
    screening = Screening(fixes=tuple(Fix), unchecked=True, may_leave=False)
    return replace(play.state, sitting=replace(play.state.sitting, screening=screening))


def sentences(*prefixes: str) -> Iterator[tuple[str, str]]:
    """Texts without their markup, whose id begins like that."""
    said = everything_said()
    for text_id, texts in said.items():
        if text_id.startswith(prefixes):
            yield from ((text_id, text) for text in texts)


def test_every_text_is_said_somewhere_and_renders() -> None:
    lists_of_words = {"words-yes", "words-no", *SPOKEN}

    assert set(IDS) - set(everything_said()) - lists_of_words == set()


@pytest.mark.parametrize(
    "text_id",
    [
        *(f"photo-{problem.value}" for problem in PhotoProblem),
        *(f"look-{look}" for look in (*LOOKS, "own")),
        *(f"erased-{farewell.value}" for farewell in Farewell if farewell is not Farewell.LEFT),
        *(f"count-{kind}" for kind in COUNTED),
        *(f"progress-{stage}" for stage in (*STAGES, "stopped")),
        *(f"ask-{doubt.value}" for doubt in Doubt),
        *(f"{doubt.value}-alt" for doubt in SHOWN),
        *(f"doubt-{verb}" for verb in sorted({v for verbs in ANSWERS.values() for v in verbs})),
        *(f"fixed-{fix.value}" for fix in Fix),
        *(f"results-by-{maker}" for maker in MAKERS),
        *(f"remains-{trace.value}" for trace in Trace),
        *(f"format-{kind}" for kind in sorted(set(FORMATS))),
        *(f"command-{command.value}" for command in LISTED),
        *(f"disclosure-{one.name.lower()}" for one in Source),
        *(*STATUS.values(), *HINTS.values(), *SPOKEN),
    ],
)
def test_every_member_of_a_family_has_its_text(text_id: str) -> None:
    assert text_id in IDS


def literals() -> Iterator[tuple[str, bool]]:
    """Every string in the code of the core; placeholders of an f-string become ``*``."""
    for path in sorted(Path(str(files("bot"))).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, False
            elif isinstance(node, ast.JoinedStr):
                parts = (p.value if isinstance(p, ast.Constant) else "*" for p in node.values)
                yield "".join(str(part) for part in parts), True


def test_every_text_is_named_in_the_code() -> None:
    plain = {text for text, made in literals() if not made}
    # A family needs a word of its own: "*-*" would be every text.
    families = {text for text, made in literals() if made and re.fullmatch(r"[a-z*-]+", text)}
    patterns = [
        re.compile(text.replace("*", "[a-z-]+")) for text in families if re.search("[a-z]{2}", text)
    ]
    named = {i for i in IDS if i in plain or any(p.fullmatch(i) for p in patterns)}

    assert set(IDS) - named == set()


def test_every_text_that_the_code_names_exists() -> None:
    speaking = {"text", "say", "_choice", "another_photo", "words", "_picture"}
    named = set()
    for path in sorted(Path(str(files("bot"))).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=call), args=[_, ast.Constant(value=str(name)), *_]
                ) if call in speaking:
                    named.add(name)

    assert len(named) > 40
    assert named - set(IDS) == set()


def differences(source: str, other: str) -> set[str]:
    """Ids of texts that one language lacks or that take other variables there."""
    ours, theirs = variables(source), variables(other)
    return {i for i in ours.keys() | theirs.keys() if ours.get(i) != theirs.get(i)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_variables(language: str) -> None:
    assert differences(SOURCES[DEFAULT], SOURCES[language]) == set()


def test_a_translation_that_lacks_a_text_or_a_variable_is_found() -> None:
    assert differences("a = x { $n }\nb = y", "a = x") == {"a", "b"}


def test_every_file_is_a_language_that_is_offered() -> None:
    folder = files("bot") / "locales"

    assert {Path(f.name).stem for f in folder.iterdir() if f.name.endswith(".ftl")} == set(
        LANGUAGES
    )


def test_no_text_is_empty_or_shows_how_it_is_made() -> None:
    for text_id, text in sentences(""):
        assert text.strip(), text_id
        assert not re.search(r"[{}$_]{2}|[{}]|\$", text), text_id


def test_texts_fit_into_every_platforms_limits() -> None:
    said = everything_said()
    for text_id, texts in said.items():
        limit = 1024 if text_id in WITH_PICTURES else 4096
        assert max(map(len, texts)) <= limit, text_id
    for terms in (LONGEST, EVERYWHERE):
        worst = Prompts(WORDING, terms).of(worst_question_three(terms), BEGINNING)
        assert worst is not None
        assert len(worst.text) <= 1024
    assert max(len(alt) for i in ("headshot-alt", "where-alt") for alt in said[i]) <= 1000


def test_an_introduction_fits_where_platforms_show_it() -> None:
    told = introduction(Prompts(WORDING, LONGEST))
    assert len(told.about) <= 120
    assert len(told.description) <= 512
    assert all(1 <= len(does) <= 256 for _, does in told.commands)


def test_nothing_is_shouted() -> None:
    assert [text_id for text_id, text in sentences("") if "!" in text] == []


def test_a_photo_problem_is_one_sentence_and_one_tip() -> None:
    for text_id, text in sentences("photo-"):
        if text_id.removeprefix("photo-") in set(PhotoProblem):
            what, _, tip = text.partition(". ")
            assert what, text_id
            assert tip.startswith("Please "), text_id
            assert tip.endswith("."), text_id
            assert tip.count(".") == 1, text_id


def test_a_consent_question_asks_one_thing_at_a_time() -> None:
    for text_id, text in sentences("ask-self", "ask-purpose", "ask-where", "ask-likeness"):
        assert text.count("?") == 1, text_id


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_has_two_meanings(language: str) -> None:
    lists = [i for i in IDS if i.startswith("words-")]

    assert len(lists) == len(SPOKEN) + 2
    for one, other in combinations(lists, 2):
        assert not WORDING.words(language, one) & WORDING.words(language, other)
    assert not any(word.isdecimal() for one in lists for word in WORDING.words(language, one))


def test_an_untranslated_text_comes_in_the_default_language() -> None:
    assert WORDING.text("xx", "done") == WORDING.text(DEFAULT, "done")


@pytest.mark.parametrize(("text_id", "given"), [("no-such-text", {}), ("language-only", {})])
def test_a_missing_text_or_variable_is_a_fault(text_id: str, given: dict[str, Value]) -> None:
    with pytest.raises(WordingMissing):
        WORDING.text(DEFAULT, text_id, **given)


def test_a_file_that_is_not_fluent_is_refused() -> None:
    with pytest.raises(WordingMissing, match="not Fluent"):
        Wording({"en": "this is not a text"})
