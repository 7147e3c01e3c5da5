"""Hypothesis strategies: every state, every event, and random walks through conversations.

States and events are drawn without regard to each other, so that most pairs make no sense: that
is what `step` must bear. `walks` makes sense most of the time, so that deep states are reached,
and misbehaves in between: double taps, old buttons, late results, other terms after a restart.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from hypothesis import settings
from hypothesis import strategies as st

from bot.events import (
    BadgeAdded,
    DataPacked,
    Dismissed,
    Event,
    HeadshotsMade,
    LookedCloser,
    MakingFailed,
    PersonLeft,
    PhotoChecked,
    PhotoRejected,
    Replied,
    SelfieLost,
    SelfieSent,
    SelfieUnfit,
    SelfieWithdrawn,
    TimeIsUp,
    Timer,
    Wrote,
)
from bot.model import Headshot, PhotoId, PhotoProblem, SelfieRef
from bot.policy import Doubt
from bot.prompts import PRIVACY, WELCOME
from bot.states import (
    Answer,
    Batch,
    Checking,
    Choosing,
    Confirming,
    Consenting,
    Delivered,
    Doubting,
    Erasing,
    Idle,
    Making,
    Question,
    Sifted,
    Sitting,
    State,
    Visit,
    Waiting,
    Wish,
)
from bot.terms import Terms
from tests.core.doubts import MOMENTS, PLAINS, doubts, fixes, plains, screenings
from tests.core.play import CONVERSATIONS, LOOKS, Play

COMMANDS = (
    *("/start", "/help", "/new", "/status", "/cancel", "/privacy", "/mydata", "/language"),
    *("/stop", "/delete", "/delete now", "/delete@bot now", "/nonsense", "/"),
)
WORDS = (
    "yes",
    "No.",
    "ok!",
    "hi",
    "delete",
    "stop",
    "cancel",
    "?",
    "1",
    "2",
    "9",
    "0",
    "२",
    "here",
)
VERBS = (
    *("yes", "no", "skip", "here", "hosted", "different", "erase", "again", "done", "erase-now"),
    *("not-me", "closer", "badge"),
    *("erase-yes", "erase-keep", "cancel", "start", "privacy", "delete", "", *LOOKS),
    *("wait", "instead", "blur", "crop", "keep", "mine", "anyway"),
)
QUESTIONS = ("self", "where", "writing", "people", "look", "delivered", "slow")
# Few names, so that what is drawn twice is sometimes the same thing.
NAMES = ("a", "b")
CROPS = ("tag/crop-a", "tag/crop-b")
ARCHIVES = ("tag/archive-a", "tag/archive-b")

terms = st.sampled_from(list(CONVERSATIONS))
texts = st.one_of(
    st.sampled_from(COMMANDS + WORDS),
    st.text(max_size=40),
    st.builds(lambda word, times: word * times, st.text(min_size=1, max_size=5), st.just(4000)),
)
moments = MOMENTS
crops = st.builds(PhotoId, st.sampled_from(CROPS))
selfies = st.builds(SelfieRef, st.sampled_from(NAMES))


def _made(order: str, kinds: list[tuple[str, str]]) -> HeadshotsMade:
    """Blobs are named after their order, as in the vault."""
    names = (PhotoId(f"tag/shot-{order}-{number}") for number in range(len(kinds)))
    return HeadshotsMade(
        order, tuple(Headshot(name, *kind) for name, kind in zip(names, kinds, strict=True))
    )


made = st.builds(
    _made,
    st.sampled_from(NAMES),
    st.lists(
        st.tuples(st.sampled_from(("linkedin", "resume", "bio")), st.sampled_from((*LOOKS, "own"))),
        max_size=4,
    ),
)
problems = st.sampled_from(PhotoProblem)
serials = st.integers(0, 2)
tokens = st.one_of(
    st.sampled_from((WELCOME, PRIVACY, "", "order-a", "erase-1")),
    st.builds("{}-{}".format, st.sampled_from(QUESTIONS), serials),
)

timeouts = st.one_of(
    st.builds(TimeIsUp, st.just(Timer.PHOTO), st.sampled_from((*CROPS, *PLAINS))),
    st.builds(TimeIsUp, st.just(Timer.HEADSHOTS), st.sampled_from(NAMES)),
    st.builds(TimeIsUp, st.just(Timer.SLOW), st.sampled_from(NAMES)),
    st.builds(TimeIsUp, st.just(Timer.ARCHIVE), st.sampled_from(ARCHIVES)),
    st.builds(TimeIsUp, st.just(Timer.CONVERSATION), moments.map(datetime.isoformat)),
)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Wrote, texts),
    st.builds(Replied, st.one_of(st.sampled_from(VERBS), st.text(max_size=10)), tokens),
    st.builds(SelfieWithdrawn, selfies),
    st.just(Dismissed()),
    st.builds(SelfieSent, selfies, texts, st.booleans()),
    st.builds(SelfieUnfit, problems, st.just(20), texts),
    st.just(PersonLeft()),
    st.builds(PhotoChecked, selfies, crops, st.just("cd" * 32)),
    st.builds(
        PhotoChecked,
        selfies,
        crops,
        st.just("cd" * 32),
        doubts=doubts,
        fixes=fixes,
        unchecked=st.booleans(),
        may_leave=st.booleans(),
        plain=st.none() | plains,
        plain_sha256=st.just("dc" * 32),
    ),
    st.builds(LookedCloser, crops, doubts),
    st.builds(PhotoRejected, selfies, problems),
    st.builds(SelfieLost, selfies),
    made,
    st.builds(lambda one: BadgeAdded(one.order, one.headshots), made),
    st.builds(MakingFailed, st.sampled_from(NAMES), st.none() | problems),
    st.builds(DataPacked, st.builds(PhotoId, st.sampled_from(ARCHIVES))),
    timeouts,
)

answers = st.builds(
    Answer,
    question=st.sampled_from(Question),
    verb=st.sampled_from(("yes", "no", "skip", "here", "hosted")),
    at=moments,
    text_sha256=st.just("ef" * 32),
    language=st.just("en"),
    policy=st.sampled_from([*(one.version for one in CONVERSATIONS), "gone"]),
    crop_sha256=st.sampled_from(("", "ab" * 32)),
)
batches = st.builds(lambda one, until: Batch(one.order, one.headshots, until), made, moments)
# A sitting has the reference to a photo, or the crop that was made of it; see test_retention.
wishes = st.builds(Wish, st.integers(0, 3), st.booleans(), st.booleans())
formats = st.lists(st.sampled_from(("linkedin", "resume", "bio")), max_size=2).map(tuple)
# Its blobs are not those of a batch: what waits has not been handed over.
waiting = st.sampled_from([_made("sifted", [("bio", "grey")] * n).headshots for n in range(3)])
sifted = st.builds(Sifted, waiting, formats, wishes)
sittings = st.builds(
    lambda photo, **rest: Sitting(
        selfie=photo if isinstance(photo, SelfieRef) else None,
        crop=photo if isinstance(photo, PhotoId) else None,
        source=SelfieRef("a") if isinstance(photo, PhotoId) else None,
        **rest,
    ),
    photo=st.one_of(st.none(), selfies, crops),
    language=st.sampled_from(("en", "xx")),
    began=moments,
    touched=moments,
    serial=serials,
    answered=tokens,
    crop_sha256=st.sampled_from(("", "ab" * 32)),
    screening=screenings,
    answers=st.lists(answers, max_size=6).map(tuple),
    look=st.sampled_from((*LOOKS, "", "gone")),
    orders=st.integers(0, 3),
    wish=wishes,
    sifted=st.none() | sifted,
    ordered=st.lists(moments, max_size=3).map(tuple),
    batches=st.lists(batches, max_size=3, unique_by=lambda batch: batch.order).map(tuple),
)
visits: st.SearchStrategy[Visit] = st.one_of(
    st.builds(Waiting, sittings),
    st.builds(Consenting, sittings, st.sampled_from(Question), st.sampled_from(("", "gone"))),
    st.builds(Checking, sittings),
    st.builds(Doubting, sittings, st.sampled_from(Doubt), st.sampled_from(("", "gone"))),
    st.builds(Choosing, sittings),
    st.builds(Making, sittings, st.sampled_from(NAMES), serials, st.booleans()),
    st.builds(Delivered, sittings),
)
states: st.SearchStrategy[State] = st.one_of(
    st.just(Idle()),
    visits,
    st.builds(Confirming, st.just(Idle()) | visits, st.just("erase-1"), st.just("en")),
    st.just(Erasing()),
)

# --- walks ------------------------------------------------------------------------------------

Move: TypeAlias = tuple[str, int] | Event

LIKELY = (
    *("agree",) * 8,
    *("tap",) * 4,
    "number",
    "label",
    "selfie",
    "command",
    "command",
    "work",
    *("doubt",) * 4,
    "unchecked",
    "fail",
)
UNLIKELY = ("double", "old tap", "late", "wait", "wait", "left", "erased")
WAITS = (60, 600, 1800, 3600, 6 * 3600, 24 * 3600)

named_moves = st.tuples(st.sampled_from(LIKELY + UNLIKELY), st.integers(0, 99))
restarts = st.tuples(st.just("restart"), st.integers(0, 99))


def _walks(*kinds: st.SearchStrategy[Move]) -> st.SearchStrategy[Play]:
    """Walks that begin with a head start: some steps straight towards headshots."""
    # Chosen in two steps, because `one_of` would give each of the many kinds of event equal room.
    each = st.sampled_from((*(named_moves,) * 12, *kinds)).flatmap(lambda kind: kind)
    moves = st.lists(each, min_size=12, max_size=36)
    return st.builds(_walk, terms, st.integers(0, 12), moves)


def _walk(terms: Terms, head_start: int, moves: list[Move]) -> Play:
    play = Play(terms)
    for _ in range(head_start):
        play.agree()
    for one in moves:
        move(play, one)
    return play


walks = _walks(events)
"""Conversations under terms that stay as they are."""
walks_with_restarts = _walks(events, restarts)
"""Conversations in which the operator sometimes changes the terms."""
on_walks = settings(max_examples=50)
"""For properties of walks: each one makes some thirty steps."""


def move(play: Play, one: Move) -> None:
    """Make one move; a move that is impossible now is left out."""
    if not isinstance(one, tuple):
        play.do(one)
        return
    name, n = one
    if name in {"tap", "number", "label"}:
        _answer(play, name, n)
    elif name in {"agree", "selfie", "command", "work", "doubt", "unchecked", "fail"}:
        _go_on(play, name, n)
    elif name in {"double", "old tap", "late"}:
        _repeat(play, name, n)
    else:
        _happen(play, name, n)


def _answer(play: Play, name: str, n: int) -> None:
    asked = play.question
    if asked is None or not asked.choices:
        return
    number = n % len(asked.choices)
    match name:
        case "tap":
            play.tap(asked.choices[number].verb)
        case "number":
            play.write(str(number + 1))
        case _:
            play.write(asked.choices[number].label)


def _go_on(play: Play, name: str, n: int) -> None:
    match name:
        case "agree":
            play.agree()
        case "selfie":
            play.selfie()
        case "command":
            play.write(COMMANDS[n % len(COMMANDS)])
        case "work" if play.work:
            play.finish()
        case "doubt" if play.work:
            seen = list(Doubt)
            play.finish(*dict.fromkeys((seen[n % len(seen)], seen[n // 3 % len(seen)])))
        case "unchecked" if play.work:
            play.finish(unchecked=True)
        case "fail" if play.work:
            play.fail([None, *PhotoProblem][n % (len(PhotoProblem) + 1)])
        case _:
            pass


def _repeat(play: Play, name: str, n: int) -> None:
    offered = [Replied(c.verb, m.question) for m in play.said for c in m.choices]
    match name:
        case "double" if play.taps:
            play.do(play.taps[-1])
        case "old tap" if offered:
            play.do(offered[n % len(offered)])
        case "late" if play.late:
            play.do(play.result(play.late.pop(n % len(play.late))))
        case _:
            pass


def _happen(play: Play, name: str, n: int) -> None:
    match name:
        case "wait":
            play.wait(WAITS[n % len(WAITS)])
        case "left":
            play.do(PersonLeft())
        case "erased" if isinstance(play.state, Erasing):
            play.erased()
        case "restart":
            play.terms = list(CONVERSATIONS)[n % len(CONVERSATIONS)]
        case _:
            pass
