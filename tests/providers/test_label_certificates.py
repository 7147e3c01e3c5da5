"""The chain is made once, kept, renewed in time; one that does not fit is refused at the start."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from bot.errors import SettingsError
from providers.labels import certificates, signing
from providers.labels.certificates import FILE, of_the_operator, of_this_house, root_in
from providers.labels.labeller import open_labeller
from tests.contracts.labeller import COMPOSITE, picture

NOW = datetime.now(UTC)


def test_a_chain_is_made_once_and_kept_for_nobody_else_to_read(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    made = of_this_house(keys)

    assert of_this_house(keys) == made
    assert stat.S_IMODE((keys / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert root_in(keys / FILE) == made.root


def test_it_lasts_about_ten_years(tmp_path: Path) -> None:
    assert of_this_house(tmp_path).ends - NOW > timedelta(days=3640)


def test_two_services_have_nothing_in_common(tmp_path: Path) -> None:
    one, other = of_this_house(tmp_path / "a"), of_this_house(tmp_path / "b")

    assert one.fingerprint != other.fingerprint
    assert one.key != other.key


def test_a_chain_that_is_about_to_end_is_made_again(tmp_path: Path) -> None:
    made = of_this_house(tmp_path, NOW)

    assert of_this_house(tmp_path, made.ends - timedelta(days=40)) == made
    assert of_this_house(tmp_path, made.ends - timedelta(days=20)) != made


def test_nobody_can_sign_another_certificate_under_the_root(tmp_path: Path) -> None:
    pem = of_this_house(tmp_path)

    assert (tmp_path / FILE).read_bytes().count(b"PRIVATE KEY-----") == 2, "one key: the signer's"
    root = x509.load_pem_x509_certificate(pem.root)
    signer = x509.load_pem_x509_certificates(pem.chain)[0]
    assert root.public_key() != signer.public_key()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n"])
def test_a_spoilt_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(SettingsError, match="remove it"):
        of_this_house(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file, not a folder")

    with pytest.raises(SettingsError, match="DATA_DIR"):
        of_this_house(tmp_path / "keys")


# --- an operator's own ------------------------------------------------------------------------


def brought(folder: Path, chain: bytes, key: bytes) -> tuple[Path, Path]:
    (folder / "chain.pem").write_bytes(chain)
    (folder / "key.pem").write_bytes(key)
    return folder / "chain.pem", folder / "key.pem"


def test_an_operators_chain_signs(tmp_path: Path) -> None:
    made = certificates.make(NOW)
    credentials = of_the_operator(*brought(tmp_path, made.chain, made.key))

    labelled = open_labeller(credentials).write(picture(), COMPOSITE)

    record = signing.read(labelled, "image/jpeg", made.root)
    assert record
    assert record.state == "Trusted"


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    one, other = certificates.make(NOW), certificates.make(NOW)

    with pytest.raises(SettingsError, match="LABEL_KEY"):
        of_the_operator(*brought(tmp_path, one.chain, other.key))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.pem"):
        of_the_operator(tmp_path / "nowhere.pem", tmp_path / "nowhere.pem")


@pytest.mark.parametrize("days", [-3655, 30], ids=["ended", "not begun"])
def test_a_chain_that_is_not_valid_today_is_refused_at_the_start(days: int) -> None:
    with pytest.raises(SettingsError, match="valid"):
        open_labeller(certificates.make(NOW + timedelta(days=days)))


def test_a_certificate_that_signed_itself_is_refused_at_the_start(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = certificates.make(NOW)
    subject = x509.load_pem_x509_certificates(name.chain)[0].subject
    alone = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=90))
        .sign(key, hashes.SHA256())
    )
    pem = alone.public_bytes(Encoding.PEM)
    credentials = of_the_operator(*brought(tmp_path, pem, certificates.pem_of(key)))

    with pytest.raises(SettingsError, match="signed"):
        open_labeller(credentials)


def test_other_kinds_of_keys_are_named_as_the_standard_does(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    one = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=9))
        .sign(key, None)
    )
    pem = one.public_bytes(Encoding.PEM)

    found = of_the_operator(*brought(tmp_path, pem, certificates.pem_of(key)))
    assert found.algorithm == "ed25519"
