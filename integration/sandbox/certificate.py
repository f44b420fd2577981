"""A certificate that nobody has signed but itself, as on-premises systems have."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = timedelta(days=30)


def self_signed(address: str, file: Path) -> ssl.SSLContext:
    """A server's TLS with a new self-signed certificate for an IP address; the certificate, without its key, is written to `file`.

    Raises ValueError when `address` is no IP address.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(ipaddress.ip_address(address), key)
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both = file.with_suffix(".key")
    both.touch(mode=0o600)
    try:
        both.write_bytes(private + public)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
    finally:
        both.unlink()
    file.write_bytes(public)
    return context


def _certificate(address: ipaddress.IPv4Address | ipaddress.IPv6Address, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")]), datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(address)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
