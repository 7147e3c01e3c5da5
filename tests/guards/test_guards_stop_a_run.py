"""The guards in a run of their own, over tests that each do what is not allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = f"""
    [pytest]
    pythonpath = {ROOT}
    asyncio_mode = auto
    asyncio_default_fixture_loop_scope = function
    addopts = -p tests.guards.network -p tests.guards.leftovers
        -p tests.guards.skips -p tests.guards.event_loop
"""


def run(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makeini(CONFIGURATION)
    pytester.makepyfile(test)
    return pytester.runpytest_subprocess(*options)


def test_forbidden_acts_fail_even_when_the_error_is_swallowed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import asyncio, contextlib, socket, subprocess, sys

        def test_swallowed():
            with socket.socket() as sock, contextlib.suppress(Exception):
                sock.connect(("192.0.2.1", 80))

        async def test_task():
            test_task.kept = asyncio.create_task(asyncio.Event().wait())

        def test_child():
            test_child.kept = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1)

        def test_innocent():
            test_child.kept.communicate()
        """,
    )

    result.assert_outcomes(passed=4, errors=3)
    result.stdout.fnmatch_lines_random(
        [
            "tests stay on this machine, refused: *192.0.2.1*",
            "tasks left running: *Event.wait*",
            "child processes left running: *",
        ]
    )


def test_a_busy_or_waiting_loop_fails(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
        import asyncio, time, bot
        from tests.guards.event_loop import never_blocking

        def work():
            end = time.thread_time() + 0.1
            while time.thread_time() < end:
                pass

        async def test_busy(never_blocks):
            work()

        async def test_waiting(never_blocks):
            path = bot.__path__[0] + "/asleep.py"
            exec(compile("import time; time.sleep(0)", path, "exec"))

        async def test_busy_before_and_calm_after(loop_watch):
            work()
            with never_blocking(loop_watch):
                await asyncio.sleep(0)
        """,
    )

    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        ["the loop was busy for * ms", "*BlockingError: Blocking call to time.sleep*"]
    )


SKIPPING = """
    import pytest

    def test_skips():
        pytest.skip("nothing to see")

    @pytest.mark.xfail
    def test_fails_as_expected():
        assert False
    """


def test_a_skip_is_allowed_on_a_desk(pytester: pytest.Pytester) -> None:
    run(pytester, SKIPPING).assert_outcomes(skipped=1, xfailed=1)


def test_a_skip_fails_in_ci_and_an_expected_failure_does_not(pytester: pytest.Pytester) -> None:
    result = run(pytester, SKIPPING, "--ci")

    result.assert_outcomes(failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*nothing to see (nothing may be skipped with --ci)*"])


def test_a_skipped_file_fails_in_ci(pytester: pytest.Pytester) -> None:
    result = run(pytester, "import pytest; pytest.importorskip('no_such_package')", "--ci")

    result.assert_outcomes(errors=1)
