"""A receipt is genuine as it was handed out, and nothing else is."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.receipt import NotGenuine, Signer, receipt, verify

SIGNER = Signer(bytes(range(32)))
BODY = receipt("DR-1", datetime(2026, 11, 22, tzinfo=UTC), {"photos": 5, "keys": 1}, ["x"], "ab")
FILE = SIGNER.sign(BODY)


def test_what_was_signed_verifies_with_the_right_key() -> None:
    assert verify(FILE) == BODY
    assert verify(FILE, SIGNER.public_key.upper()) == BODY


def test_the_layout_of_the_file_does_not_matter() -> None:
    assert verify(json.dumps(json.loads(FILE)).encode()) == BODY


def test_another_installation_signs_with_another_key() -> None:
    other = Signer(bytes(32))

    with pytest.raises(NotGenuine, match="another key"):
        verify(other.sign(BODY), SIGNER.public_key)


def test_the_signing_key_follows_from_the_master_key() -> None:
    assert Signer(bytes(range(32))).public_key == SIGNER.public_key


@pytest.mark.parametrize(
    ("old", "new"), [('"photos": 5', '"photos": 6'), ("DR-1", "DR-2"), ("2026", "2027")]
)
def test_a_changed_receipt_is_not_genuine(old: str, new: str) -> None:
    changed = FILE.decode().replace(old, new).encode()

    assert changed != FILE
    with pytest.raises(NotGenuine, match="changed"):
        verify(changed)


@given(st.binary(max_size=300))
def test_anything_else_is_not_genuine(file: bytes) -> None:
    with pytest.raises(NotGenuine):
        verify(file)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "signed": st.one_of(st.none(), st.text(), st.dictionaries(st.text(), st.integers())),
            "public_key": st.one_of(st.integers(), st.text(), st.binary().map(bytes.hex)),
            "signature": st.one_of(st.integers(), st.text(), st.binary().map(bytes.hex)),
        },
    )
)
def test_a_file_that_only_looks_like_one_is_not_genuine(file: dict[str, object]) -> None:
    with pytest.raises(NotGenuine):
        verify(json.dumps(file).encode())


def test_the_receipt_says_whether_the_key_was_destroyed() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)

    assert receipt("r", at, {"keys": 1}, [], "")["keys_destroyed"] is True
    assert receipt("r", at, {"photos": 1}, [], "")["keys_destroyed"] is False
