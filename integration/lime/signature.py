"""Whether a webhook was signed by Lime with one of the secrets that the portal knows."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

SIGNATURE, DELIVERY_ID, TIMESTAMP = "x-lime-signature", "x-lime-delivery-id", "x-lime-delivery-timestamp"
_LATEST = 253_402_300_799


@dataclass(frozen=True)
class VerifiedDelivery:
    """A delivery whose signature held.

    `version` is 1 or 2; `secret_index` says which secret held, so that a rotation can be seen to be over. `delivery_id` and
    `sent_at` (UTC) are None for version 1, which does not sign them. Lime's retries repeat both, so what is fresh enough is
    for the caller to say, who remembers delivery ids.
    """

    version: int
    secret_index: int
    delivery_id: str | None = None
    sent_at: datetime | None = None


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> VerifiedDelivery | None:
    """Checks `X-Lime-Signature` over the raw body, in constant time for each secret. Header names in any case.

    Version 1 is `sha256=` HMAC-SHA256 of the body; version 2 is `v2=` HMAC-SHA256 of `v2:{delivery id}:{timestamp}:{sha256 of the
    body}`. Returns None for a missing, malformed or wrong signature, and when there is no secret.
    """
    by_name = {name.lower(): value.strip() for name, value in headers.items()}
    scheme, _, given = by_name.get(SIGNATURE, "").partition("=")
    delivery_id, timestamp = by_name.get(DELIVERY_ID, ""), by_name.get(TIMESTAMP, "")
    if scheme == "sha256":
        index = _matching_secret(body, given, secrets)
        return None if index is None else VerifiedDelivery(1, index)
    sent_at = _moment(timestamp)
    if scheme != "v2" or not delivery_id or sent_at is None:
        return None
    signed = f"v2:{delivery_id}:{timestamp}:{hashlib.sha256(body).hexdigest()}".encode()
    index = _matching_secret(signed, given, secrets)
    return None if index is None else VerifiedDelivery(2, index, delivery_id, sent_at)


def _matching_secret(signed: bytes, given: str, secrets: Sequence[str]) -> int | None:
    matching = None
    for index, secret in enumerate(secrets):
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if secret and hmac.compare_digest(expected.encode(), given.lower().encode()) and matching is None:
            matching = index
    return matching


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit()) or int(text[:13]) > _LATEST:
        return None
    return datetime.fromtimestamp(int(text), UTC)
