"""Signatures of both versions, rotation, and what is refused."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.lime.signature import VerifiedDelivery, verify

BODY = b'{"event":"order.update","body":{"id":1002}}'
SENT = "1772352922"


def signed(secret: str, signed_bytes: bytes) -> str:
    return hmac.new(secret.encode(), signed_bytes, hashlib.sha256).hexdigest()


def v1(secret: str, body: bytes = BODY) -> dict[str, str]:
    return {"X-Lime-Signature": f"sha256={signed(secret, body)}"}


def v2(secret: str, body: bytes = BODY, delivery: str = "d-1", sent: str = SENT) -> dict[str, str]:
    text = f"v2:{delivery}:{sent}:{hashlib.sha256(body).hexdigest()}"
    return {"x-lime-signature": f"v2={signed(secret, text.encode())}", "X-LIME-DELIVERY-ID": delivery, "X-Lime-Delivery-Timestamp": sent}


def test_both_versions_hold_and_say_which_secret():
    assert verify(BODY, v1("old"), ["new", "old"]) == VerifiedDelivery(1, 1)
    sent_at = datetime.fromtimestamp(int(SENT), UTC)
    assert verify(BODY, v2("new"), ["new", "old"]) == VerifiedDelivery(2, 0, "d-1", sent_at)


def test_an_old_delivery_holds_still():
    found = verify(BODY, v2("new", sent="1000000000"), ["new"])
    assert found is not None
    assert found.sent_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ({}, ["new"]),
        (v1("other"), ["new"]),
        (v1("new"), []),
        (v1(""), [""]),
        (v1("new", b"tampered"), ["new"]),
        (v2("new", b"tampered"), ["new"]),
        (v2("new") | {"X-LIME-DELIVERY-ID": "d-2"}, ["new"]),
        (v2("new") | {"X-Lime-Delivery-Timestamp": "1772352923"}, ["new"]),
        (v2("new", sent=""), ["new"]),
        (v2("new", sent="soon"), ["new"]),
        (v2("new", sent="9" * 30), ["new"]),
        (v2("new", delivery=""), ["new"]),
        ({"X-Lime-Signature": "sha256=" + "å" * 64}, ["new"]),
        ({"X-Lime-Signature": "md5=abc"}, ["new"]),
    ],
)
def test_what_does_not_hold_is_refused(headers: dict[str, str], secrets: list[str]):
    assert verify(BODY, headers, secrets) is None


def test_a_version_1_signature_is_none_of_version_2():
    headers = v2("new") | {"x-lime-signature": f"v2={signed('new', BODY)}"}
    assert verify(BODY, headers, ["new"]) is None


@given(st.binary(), st.text(min_size=1), st.binary())
def test_any_body_holds_and_any_other_does_not(body: bytes, secret: str, other: bytes):
    assert verify(body, v2(secret, body), [secret]) is not None
    if other != body:
        assert verify(other, v2(secret, body), [secret]) is None
