"""Run all benchmarks, or those named: ``python -m bench [render ...]``.

A benchmark is a module of this package with ``async def run() -> None`` that prints its findings.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys

import bench


def main() -> None:
    """Find, choose, run; one after the other, so that they do not disturb each other."""
    wanted = sys.argv[1:]
    for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda each: each.name):
        if module.name.startswith("_") or (wanted and module.name not in wanted):
            continue
        run = getattr(importlib.import_module(f"bench.{module.name}"), "run", None)
        if run is not None:
            asyncio.run(run())


if __name__ == "__main__":
    main()
