"""The signatures of webhooks: version 1 signs the body, version 2 the delivery as well."""

import hashlib
import hmac


def signature_headers(secret: str, version: int, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that a delivery carries. `timestamp` is the first attempt's, in unix seconds; without a secret nothing is signed."""
    headers = {} if version == 1 else {"X-Lime-Delivery-Id": delivery_id, "X-Lime-Delivery-Timestamp": str(timestamp)}
    if secret:
        prefix = "sha256" if version == 1 else "v2"
        signed = body if version == 1 else f"v2:{delivery_id}:{timestamp}:{hashlib.sha256(body).hexdigest()}".encode()
        headers["X-Lime-Signature"] = f"{prefix}={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
    return headers
