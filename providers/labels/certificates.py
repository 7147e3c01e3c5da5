"""Whose signature is under a label: a certificate chain made here, or the operator's own.

Made on the first run, without any network: a root, and a certificate for ten years that it signed.
The root's private key is never written down: nobody can make another certificate under it. The
chain and the signing key lie in one file with the other keys, and are the same for everybody, so
that a signature tells nothing about whose headshot it is. What this is worth: a reader that does
not know the root says "valid, signer unknown". It proves that a file comes from this service and
was not changed since; it does not prove who runs the service.

Without a timestamp authority a label counts as long as its certificate, hence the ten years.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bot.errors import SettingsError

FILE = "labels.pem"
"""Below the folder of the keys: the signer's certificate, the root's, the signer's private key."""
VALID = timedelta(days=3649)
RENEWED = timedelta(days=30)
"""A chain of our own that is about to end is made again so long before."""
_BACKDATED = timedelta(days=1)
"""Clocks differ; a label must not look as if it were signed before its certificate began."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A chain and the key that signs with it."""

    chain: bytes
    """PEM, the signer's certificate first."""
    key: bytes
    """PEM, PKCS 8."""
    algorithm: str
    """As C2PA names it."""

    @property
    def root(self) -> bytes:
        """PEM of the last certificate in the chain: what a reader has to know to trust it."""
        return x509.load_pem_x509_certificates(self.chain)[-1].public_bytes(Encoding.PEM)

    @property
    def ends(self) -> datetime:
        """When the signer's certificate does."""
        return x509.load_pem_x509_certificates(self.chain)[0].not_valid_after_utc

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root, hex: what somebody can compare."""
        root = x509.load_pem_x509_certificates(self.chain)[-1]
        return root.fingerprint(hashes.SHA256()).hex()


def of_this_house(keys: Path, now: datetime | None = None) -> Credentials:
    """The chain in the folder of the keys; made when there is none or it is about to end.

    Raises `SettingsError` when the file is not what it should be.
    """
    now = now or datetime.now(UTC)
    path = keys / FILE
    try:
        if path.exists():
            found = _bundle(path.read_bytes())
            if found.ends - now > RENEWED:
                return found
        made = make(now)
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, made.chain + made.key)
    except (ValueError, TypeError, LookupError) as error:
        raise SettingsError(f"{path}: not a chain with its key; remove it to make one") from error
    except OSError as error:
        raise SettingsError(f"DATA_DIR: cannot use {path} ({error.strerror})") from error
    return made


def of_the_operator(chain: Path, key: Path) -> Credentials:
    """A chain that somebody brought. Raises `SettingsError`."""
    try:
        return _credentials(chain.read_bytes(), key.read_bytes())
    except OSError as error:
        raise SettingsError(
            f"LABEL_CERTIFICATE, LABEL_KEY: cannot read {error.filename} ({error.strerror})"
        ) from error
    except (ValueError, TypeError, LookupError) as error:
        raise SettingsError(
            "LABEL_CERTIFICATE, LABEL_KEY: must be a PEM chain, the signer first, and the PEM "
            "private key of its first certificate, without a passphrase"
        ) from error


def root_in(path: Path) -> bytes:
    """PEM of the last certificate in a file. Raises `OSError`, and `ValueError` without one."""
    return x509.load_pem_x509_certificates(path.read_bytes())[-1].public_bytes(Encoding.PEM)


def make(now: datetime) -> Credentials:
    """A new chain."""
    root_key, signer_key = ec.generate_private_key(ec.SECP256R1()), _new_key()
    begins = now - _BACKDATED
    root_name, signer_name = _name("WorkShot label root"), _name("WorkShot label signer")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), begins)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    signer = (
        _certificate(signer_name, root_name, signer_key.public_key(), begins)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(issuer, critical=False)
        # C2PA asks for a purpose; this one is what its readers accept without a trust list.
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    chain = signer.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    return Credentials(chain, pem_of(signer_key), "es256")


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """A private key as a file, without a passphrase."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(common: str) -> x509.Name:
    """Of no person: people read it in their file."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "WorkShot, self-hosted"),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _bundle(pem: bytes) -> Credentials:
    end = b"-----END CERTIFICATE-----\n"
    chain, found, key = pem.rpartition(end)
    return _credentials(chain + found, key)


def _credentials(chain: bytes, key: bytes) -> Credentials:
    """Raises ValueError, TypeError or LookupError when they do not belong together."""
    signer = x509.load_pem_x509_certificates(chain)[0]
    private = load_pem_private_key(key, password=None)
    if private.public_key() != signer.public_key():
        raise ValueError("the key is another one's")
    return Credentials(chain, key, _algorithm(private))


def _algorithm(key: object) -> str:
    match key:
        case ec.EllipticCurvePrivateKey():
            return {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}[
                key.curve.name
            ]
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case rsa.RSAPrivateKey():
            return "ps256"
        case _:
            raise TypeError("C2PA has no name for such a key")


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, for nobody else to read."""
    half = path.with_suffix(".new")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
