"""With `--ci` a skipped test is a failed test, unless it is on the list below.

A test that silently stops running protects nothing. On a desk a skip names what is missing there.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

ALLOWED: frozenset[str] = frozenset()
"""Node ids that may be skipped in CI, each with its reason in a comment."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--ci",
        action="store_true",
        help="as .ci/run does it: a skip is a failure, properties are tried with fixed examples",
    )


def _fail_instead(config: pytest.Config, report: pytest.TestReport | pytest.CollectReport) -> None:
    expected = hasattr(report, "wasxfail") or report.nodeid in ALLOWED
    if config.getoption("--ci") and report.skipped and not expected:
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (nothing may be skipped with --ci)"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_instead(item.config, report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_instead(collector.config, report)
    return report
