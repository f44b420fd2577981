"""Certificates are always verified: a self-signed one is refused before anything is sent, and trusted where an admin names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration import errors
from integration.billecta.client import BillectaClient
from integration.lime.client import LimeClient
from tests.sandbox.process import SandboxProcess

AUTHENTICATION = "Basic c2FuZGJveDpzYW5kYm94"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    file: Path = tmp_path_factory.mktemp("tls") / "sandbox.pem"
    return file


@pytest.fixture(scope="module")
def lime(certificate) -> Iterator[SandboxProcess]:
    with SandboxProcess("lime", "--database", "acme", "--api-key", "key", certificate=certificate) as running:
        yield running


def test_a_self_signed_certificate_is_refused_with_the_remedy_and_nothing_is_sent(lime):
    client = LimeClient(f"{lime.url}/acme", "key")
    with pytest.raises(errors.CertificateNotTrusted) as raised:
        client.create_object("debtor", {"name": "Anna"})
    client.close()
    assert "self-signed" in raised.value.message
    assert "REMOTE_CA_FILE" in raised.value.remedy
    assert lime.journal("call") == []


def test_a_certificate_that_an_admin_names_is_trusted(lime, certificate):
    client = LimeClient(f"{lime.url}/acme", "key", ca_file=str(certificate))
    assert "debtor" in client.limetypes().limetypes
    client.close()


def test_billecta_is_verified_alike(lime, certificate, tmp_path):
    for ca_file, expected in (("", errors.CertificateNotTrusted), (str(certificate), errors.RemoteNotFound)):
        client = BillectaClient(lime.url, AUTHENTICATION, ca_file=ca_file)
        with pytest.raises(expected):
            client.get_invoice("1")
        client.close()


def test_the_key_of_the_certificate_is_not_left_behind(lime, certificate):
    assert [file.name for file in certificate.parent.iterdir()] == ["sandbox.pem"]
    assert "PRIVATE" not in certificate.read_text()
