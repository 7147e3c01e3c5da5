"""``make evaluate``: what the look at a photo finds in the labelled set, and what it cries over.

Prints recall and false alarms for each kind of thing, first as they come out here, then what is
still to be seen in the crops that would leave the machine. Everything runs in this process.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.policy import Ruling, judge
from providers.inspection import cropping, documents, survey
from providers.inspection.reading import Reader
from providers.local.faces import detect
from providers.local.nets import Nets
from tests.evaluation.pictures import CLEAN, Labelled, everything, pixels_of

MODELS = Path(__file__).parents[2] / "models"
MOST_BYTES = 250_000
BARS = {
    "identity document": 0.95,
    "second face": 0.95,
    "code": 0.95,
    "document": 0.90,
    "screen": 0.90,
    CLEAN: 0.03,
}
"""What the product promises itself: at least, and for clean portraits at most."""


class Tally:
    """Counts per label."""

    def __init__(self) -> None:
        self.all: dict[str, int] = defaultdict(int)
        self.stopped: dict[str, int] = defaultdict(int)
        self.visible: dict[str, int] = defaultdict(int)
        self.odd: list[str] = []

    def count(self, one: Labelled, verdict: Ruling, visible: bool) -> None:
        self.all[one.label] += 1
        stopped = bool(verdict.problem or verdict.doubts)
        self.stopped[one.label] += stopped
        self.visible[one.label] += visible
        if stopped == (one.label == CLEAN) or visible:
            why = verdict.problem or ", ".join(verdict.doubts) or "nothing"
            self.odd.append(f"{one.label}: {one.name}: {why}{', still visible' * visible}")

    def lines(self) -> Iterator[str]:
        yield f"{'':26}{'photos':>8}{'asked or refused':>18}{'bar':>8}{'visible if sent':>17}"
        for label, total in self.all.items():
            share = self.stopped[label] / total
            bar = f"{BARS[label]:.0%}" if label in BARS else ""
            sign = "<=" if label == CLEAN else ">=" if bar else ""
            stopped = f"{self.stopped[label]} ({share:.1%})"
            yield f"{label:26}{total:8}{stopped:>18}{sign + bar:>8}{self.visible[label]:>17}"

    @property
    def good(self) -> bool:
        """Whether every bar is met, and nothing would leave that should not."""
        for label, bar in BARS.items():
            share = self.stopped[label] / max(1, self.all[label])
            if share > bar if label == CLEAN else share < bar:
                return False
        return not any(self.visible.values())


def still_visible(nets: Nets, reader: Reader, photo: bytes) -> bool:
    """Whether the crop that may leave, if there is one, shows writing, a code, or another face."""
    findings = survey.inspect(nets, reader, photo, leaving=True)
    if judge(findings).problem is not None:
        return False
    crop = cropping.minimise(nets, reader, photo, findings, largest=MOST_BYTES, keep_writing=False)
    pixels = pixels_of(crop)
    assert pixels is not None
    seen = survey.inspect(nets, reader, crop, leaving=False)
    letters = sum(block.letters for block in documents.blocks(reader.read(pixels)))
    return bool(seen.marks) or letters >= 6 or len(detect(nets, pixels)) > 1


def main() -> int:
    """Look at the whole set; 1 when a bar is missed."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 and Path(sys.argv[1]).is_dir() else None
    nets, reader, tally = Nets(MODELS), Reader(MODELS), Tally()
    for one in everything(folder, nets):
        verdict = judge(survey.inspect(nets, reader, one.photo, leaving=False))
        tally.count(one, verdict, one.sent and still_visible(nets, reader, one.photo))
    sys.stdout.write("\n".join(tally.lines()) + "\n")
    if tally.odd:
        sys.stdout.write(
            "\nNot as labelled:\n" + "\n".join(f"  {each}" for each in tally.odd) + "\n"
        )
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main())
