"""One target under atheris: ``python -m tests.fuzzing.guided photo 30``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

# Only the extra "fuzz" brings it, and only `make fuzz` comes here.
import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["PIL", "bot.photo", "providers.inspection"]):
    import PIL.AvifImagePlugin
    import PIL.JpegImagePlugin
    import PIL.PngImagePlugin

    # Instrumented because they are imported here, used by Pillow itself.
    import PIL.WebPImagePlugin  # noqa: F401

    from tests.fuzzing.targets import TARGETS, seeds


def main() -> None:
    """Follow the branches until the time is up; libFuzzer ends the process."""
    name, seconds = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory(prefix="workshot-fuzz-") as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        # A photo of 4 kB is enough to reach every branch of a header.
        limits = [f"-max_total_time={seconds}", "-max_len=40000", "-rss_limit_mb=2500"]
        atheris.Setup([sys.argv[0], *limits, corpus], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
