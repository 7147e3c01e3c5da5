"""The signed erasure receipt, and how anyone checks it offline.

A receipt is a JSON file: what was erased (counts per kind), when, what remains, and the head of
the audit chain. It is signed with Ed25519 and not stored by us. The signing key is derived from
the master key, so that there is no second secret to keep; its public half is in the receipt and
printed by ``workshot check``, where a person can compare it.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SCHEMA = "workshot/erasure-receipt-1"
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64


def _canonical(body: object) -> bytes:
    """One byte string per value: sorted keys, no spaces (as RFC 8785 does for such values)."""
    return msgspec.json.encode(body, order="sorted")


class Signer:
    """Signs what a person is given to keep."""

    def __init__(self, master_key: bytes) -> None:
        """`master_key` is 32 bytes; the signing key follows from it (HKDF-SHA256, RFC 5869)."""
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"workshot/receipt-signing/1")
        self._key = Ed25519PrivateKey.from_private_bytes(derive.derive(master_key))

    @property
    def public_key(self) -> str:
        """64 hex digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, body: dict[str, Any]) -> bytes:
        """A JSON file with the body, the public key and the signature over the canonical body."""
        signed = {
            "signed": body,
            "public_key": self.public_key,
            "signature": self._key.sign(_canonical(body)).hex(),
        }
        return json.dumps(signed, indent=2, sort_keys=True).encode()


def receipt(
    receipt_id: str, at: datetime, counts: dict[str, int], remains: list[str], audit_head: str
) -> dict[str, Any]:
    """The body of an erasure receipt; nothing in it names the person."""
    return {
        "schema": SCHEMA,
        "receipt": receipt_id,
        "at": at.isoformat(timespec="seconds"),
        "erased": counts,
        "keys_destroyed": counts.get("keys", 0) > 0,
        "remains": remains,
        "audit_head": audit_head,
    }


class NotGenuine(ValueError):
    """The file is not a receipt, was changed, or was signed by another key."""


def verify(file: bytes, public_key: str | None = None) -> dict[str, Any]:
    """The signed body of a genuine file.

    With `public_key` (hex) it must also be signed by that key; without, by the key it names.
    Raises `NotGenuine` with a sentence that says what is wrong.
    """
    try:
        data = msgspec.json.decode(file)
        body, named = data["signed"], str(data["public_key"])
        key, signature = bytes.fromhex(named), bytes.fromhex(data["signature"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise NotGenuine("This is not a receipt of this product.") from error
    if not isinstance(body, dict) or len(key) != PUBLIC_KEY_BYTES:
        raise NotGenuine("This is not a receipt of this product.")
    if public_key is not None and named.lower() != public_key.strip().lower():
        raise NotGenuine("It was signed by another key than the one you named.")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _canonical(body))
    except InvalidSignature as error:
        raise NotGenuine("The signature does not fit: the file was changed.") from error
    return body
