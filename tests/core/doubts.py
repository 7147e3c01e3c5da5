"""Hypothesis strategies for what the look at a photo can leave: doubts, fixes, a second crop."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from bot.model import PhotoId
from bot.policy import Doubt, Fix
from bot.states import Screening, Settled
from tests.core.play import BEGINNING

PLAINS = ("tag/plain-a", "tag/plain-b")
MOMENTS = st.integers(-100_000_000, 100_000_000).map(
    lambda ms: BEGINNING + timedelta(milliseconds=ms)
)

plains = st.builds(PhotoId, st.sampled_from(PLAINS))
doubts = st.lists(st.sampled_from(Doubt), max_size=3, unique=True).map(tuple)
fixes = st.lists(st.sampled_from(Fix), max_size=2, unique=True).map(tuple)
screenings = st.builds(
    Screening,
    doubts=doubts,
    settled=st.lists(
        st.builds(Settled, st.sampled_from(Doubt), st.sampled_from(("blur", "keep")), MOMENTS),
        max_size=2,
    ).map(tuple),
    fixes=fixes,
    unchecked=st.booleans(),
    may_leave=st.booleans(),
    plain=st.none() | plains,
    plain_sha256=st.just("dc" * 32),
    looked_closer=st.booleans(),
)
