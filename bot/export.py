"""The copy of their data that a person gets with ``/mydata``: one zip archive.

It holds the signed consent record, the pictures still held, what was said, and what is kept where.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Earliest time a zip entry can carry; the real one would say when somebody was here."""


def archive(
    consent: bytes,
    crop: bytes | None,
    headshots: Sequence[tuple[str, bytes]],
    said: bytes,
    holds: Sequence[str],
) -> bytes:
    """Pack the archive. `headshots` are (file name, JPEG) pairs, `said` is a JSON value a line."""
    kept = "What is kept about you, and where:\n\n" + "\n".join(f"- {one}" for one in holds)
    entries = [("what-is-kept.txt", (kept + "\n").encode()), ("consent-record.json", consent)]
    entries.append(("conversation.jsonl", said + b"\n"))
    if crop is not None:
        entries.append(("exact-picture.jpg", crop))
    entries.extend((f"headshots/{name}", photo) for name, photo in headshots)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name, content in entries:
            packed.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return out.getvalue()
