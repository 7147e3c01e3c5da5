"""A provider that is down is left alone for a while, then tried by one order."""

from __future__ import annotations

import pytest

from providers.breaker import FAULTS, LOCKED_PAUSE, LONGEST_PAUSE, PAUSE, Breaker
from tests.fakes.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def breaker(clock: HandClock) -> Breaker:
    return Breaker(clock)


def trip(breaker: Breaker) -> None:
    for _ in range(FAULTS):
        breaker.failed()


def test_it_opens_after_faults_in_a_row(breaker: Breaker) -> None:
    for _ in range(FAULTS - 1):
        breaker.failed()
    assert breaker.admit()
    breaker.failed()
    assert not breaker.admit()


def test_a_success_in_between_counts(breaker: Breaker) -> None:
    for _ in range(3 * FAULTS):
        breaker.failed()
        breaker.succeeded()
    assert breaker.admit()


def test_half_open_it_lets_one_order_through(breaker: Breaker, clock: HandClock) -> None:
    trip(breaker)
    clock.move(seconds=PAUSE.total_seconds())
    assert breaker.admit()
    assert not breaker.admit()


def test_it_closes_when_that_order_goes_well(breaker: Breaker, clock: HandClock) -> None:
    trip(breaker)
    clock.move(seconds=PAUSE.total_seconds())
    breaker.admit()
    breaker.succeeded()
    assert breaker.admit()
    assert breaker.admit()


def test_it_stays_open_for_longer_each_time_that_order_fails(
    breaker: Breaker, clock: HandClock
) -> None:
    trip(breaker)
    pause = PAUSE
    for _ in range(10):
        clock.move(seconds=pause.total_seconds())
        assert breaker.admit()
        breaker.failed()
        pause = min(LONGEST_PAUSE, pause * 2)
        clock.move(seconds=pause.total_seconds() - 1)
        assert not breaker.admit()
        clock.move(seconds=1)


def test_faults_that_come_late_do_not_prolong_the_pause(breaker: Breaker, clock: HandClock) -> None:
    trip(breaker)
    clock.move(seconds=PAUSE.total_seconds() - 1)
    breaker.failed()
    clock.move(seconds=1)
    assert breaker.admit()


def test_an_order_that_never_tells_does_not_keep_it_open(
    breaker: Breaker, clock: HandClock
) -> None:
    trip(breaker)
    clock.move(seconds=PAUSE.total_seconds())
    assert breaker.admit()
    clock.move(seconds=PAUSE.total_seconds())
    assert breaker.admit()


def test_being_turned_away_opens_it_at_once(breaker: Breaker, clock: HandClock) -> None:
    breaker.locked()
    clock.move(seconds=LOCKED_PAUSE.total_seconds() - 1)
    assert not breaker.admit()
    clock.move(seconds=1)
    assert breaker.admit()
