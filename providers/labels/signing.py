"""The signed record in a file (C2PA, "Content Credentials"): written last, and read back.

The one door to the `c2pa` library, which has no annotations. What was learnt the hard way: without
``thumbnail: false`` the record holds a readable picture; an ingredient always brings its own along,
so the photo of a person is never one; a reader fetches records from the network when a file tells
it to, unless it is forbidden; whatever changes a byte after signing makes the record invalid.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

# The library has no annotations.
import c2pa  # type: ignore[import-untyped]

from bot.disclosure import Disclosure
from providers.labels.certificates import Credentials

SERVICE = "WorkShot"
TITLE = "Professional headshot"

_NO_MINING = ("ai_generative_training", "ai_training", "ai_inference", "data_mining")
_PURPOSES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n1.3.6.1.4.1.62558.2.1\n"
"""E-mail protection, document signing, and C2PA's own."""
_OFFLINE: dict[str, Any] = {
    "version": 1,
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
_PASSED_ON = ("c2pa.actions", "c2pa.hash.", "c2pa.soft-binding", "cawg.training-mining")
"""Beginnings of what a record from elsewhere may hold to be kept: how it was made, and nothing
about anybody."""

log = logging.getLogger(__name__)


class CannotSign(Exception):
    """The library refused: the chain, the key, the clock or the file is not right."""


class Unreadable(Exception):
    """There is a record, but nothing can be learnt from it."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a signed record says."""

    state: str
    """``Trusted`` (the root is known), ``Valid`` (it is not), or ``Invalid``."""
    made_by: str
    source: str
    """Digital source type of the last action that names one, as a URI."""
    signer: str
    """Organisation in the signer's certificate."""
    signed_at: str
    """By a timestamp authority; empty without one."""
    ancestors: int
    """Records of other services that it rests on."""
    problems: tuple[str, ...]
    """Codes of what is wrong, as C2PA names them."""
    tells_only_how: bool
    """Nothing in it but how the picture was made: no picture, no author, no place."""


class Pen:
    """Signs with one chain. Safe in several threads at once."""

    def __init__(self, credentials: Credentials, timestamps: str = "") -> None:
        """`timestamps` is the address of a timestamp authority (RFC 3161), or empty.

        Raises `CannotSign`.
        """
        self._plain = _signer(credentials, None)
        self._stamped = _signer(credentials, timestamps) if timestamps else None

    def sign(
        self, picture: bytes, media_type: str, disclosure: Disclosure, origin: bytes = b""
    ) -> bytes:
        """The file with a signed record; a record in `origin` that may be kept is kept.

        Raises `CannotSign`. When the timestamp authority does not answer, it is left out.
        """
        if self._stamped is not None:
            try:
                return _sign(self._stamped, picture, media_type, disclosure, origin)
            except CannotSign:
                log.warning("the timestamp authority did not answer: signed without a timestamp")
        return _sign(self._plain, picture, media_type, disclosure, origin)


def read(data: bytes, media_type: str, root: bytes = b"") -> Record | None:
    """What the record in a file says; None when there is none. Never uses the network.

    `root` (PEM) is whom to trust. Raises `Unreadable`.
    """
    settings = {**_OFFLINE, "verify": {**_OFFLINE["verify"], "verify_trust": bool(root)}}
    if root:
        settings["trust"] = {"user_anchors": root.decode(), "trust_config": _PURPOSES}
    try:
        with (
            c2pa.Context.from_dict(settings) as context,
            c2pa.Reader(media_type, io.BytesIO(data), context=context) as reader,
        ):
            store, state = json.loads(reader.json()), reader.get_validation_state()
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, ValueError) as error:
        raise Unreadable(type(error).__name__) from None
    return _record(store, state or "Invalid")


def _signer(credentials: Credentials, timestamps: str | None) -> Any:
    with _refusals():
        return c2pa.Signer.from_info(
            c2pa.C2paSignerInfo(
                credentials.algorithm, credentials.chain, credentials.key, timestamps
            )
        )


def _sign(
    signer: Any, picture: bytes, media_type: str, disclosure: Disclosure, origin: bytes
) -> bytes:
    parent = _worth_keeping(origin)
    out = io.BytesIO()
    with (
        _refusals(),
        c2pa.Context.from_dict(_OFFLINE) as context,
        c2pa.Builder(json.dumps(_claim(disclosure, edited=parent is not None)), context) as builder,
    ):
        if parent is not None:
            builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            ancestor = {"title": "the picture before", "relationship": "parentOf"}
            builder.add_ingredient(ancestor, parent, io.BytesIO(origin))
        builder.sign(signer, media_type, io.BytesIO(picture), out)
    return out.getvalue()


def _claim(disclosure: Disclosure, *, edited: bool) -> dict[str, Any]:
    action = {
        "action": "c2pa.edited" if edited else "c2pa.created",
        "digitalSourceType": disclosure.uri,
        "softwareAgent": {"name": disclosure.system},
    }
    entries = {f"cawg.{use}": {"use": "notAllowed"} for use in _NO_MINING}
    return {
        "claim_generator_info": [{"name": SERVICE, "version": version("workshot")}],
        "title": TITLE,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
            {"label": "cawg.training-mining", "data": {"entries": entries}},
        ],
    }


def _worth_keeping(origin: bytes) -> str | None:
    """The media type of a picture whose record may be kept as the ancestor of ours.

    One that is broken proves nothing, and one that holds more than how the picture was made (a
    copy of what went in, for example) would give that away with every headshot.
    """
    kind = _media_type(origin)
    if kind is None:
        return None
    try:
        record = read(origin, kind)
    except Unreadable:
        return None
    good = record is not None and record.state != "Invalid" and record.tells_only_how
    return kind if good else None


def _media_type(data: bytes) -> str | None:
    starts = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}
    return next((kind for start, kind in starts.items() if data.startswith(start)), None)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except c2pa.C2paError as error:
        # Its text may quote the file; the class says enough.
        raise CannotSign(type(error).__name__) from None


# --- reading ----------------------------------------------------------------------------------


def _record(store: dict[str, Any], state: str) -> Record:
    manifests = store.get("manifests", {})
    active = manifests.get(store.get("active_manifest"), {})
    generators = active.get("claim_generator_info") or [{}]
    signature = active.get("signature_info") or {}
    actions = [action for assertion in _assertions(active) for action in _actions(assertion)]
    sources = [one["digitalSourceType"] for one in actions if one.get("digitalSourceType")]
    problems = store.get("validation_status") or []
    return Record(
        state=state,
        made_by=str(generators[0].get("name", "")),
        source=str(sources[-1]) if sources else "",
        signer=str(signature.get("issuer", "")),
        signed_at=str(signature.get("time") or ""),
        ancestors=max(0, len(manifests) - 1),
        problems=tuple(dict.fromkeys(str(one.get("code", "")) for one in problems)),
        tells_only_how=all(_tells_only_how(one) for one in manifests.values()),
    )


def _assertions(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in manifest.get("assertions", []) if isinstance(one, dict)]


def _actions(assertion: dict[str, Any]) -> list[dict[str, Any]]:
    if not str(assertion.get("label", "")).startswith("c2pa.actions"):
        return []
    data = assertion.get("data")
    return data.get("actions", []) if isinstance(data, dict) else []


def _tells_only_how(manifest: dict[str, Any]) -> bool:
    labels = [str(one.get("label", "")) for one in _assertions(manifest)]
    pictures = "thumbnail" in manifest or any(
        "thumbnail" in one for one in manifest.get("ingredients", [])
    )
    return not pictures and all(label.startswith(_PASSED_ON) for label in labels)
