"""How webhooks are delivered: in order, retried as the same delivery, and with faults on request."""

import hashlib
import time

import pytest

from tests.sandbox.lime.harness import WAIT_SECONDS, Lime, sandbox, serve
from tests.sandbox.lime.test_webhooks import sign


@pytest.fixture
def told(lime, receiver):
    """A sandbox that tells the receiver of new and changed orders, signed, and retries at once."""
    lime.control("PUT", "modes", {"retry_base_seconds": 0.01})
    lime.subscribe(receiver.url, "order.new", "order.update", secret="hush")
    return lime


def is_signed(webhook, secret="hush", timestamp=None):
    delivery = webhook.headers["X-Lime-Delivery-Id"]
    stamp = timestamp or webhook.headers["X-Lime-Delivery-Timestamp"]
    signed = f"v2:{delivery}:{stamp}:{hashlib.sha256(webhook.body).hexdigest()}".encode()
    return webhook.headers["X-Lime-Signature"] == f"v2={sign(secret, signed)}"


def strike(lime, **faults):
    lime.control("PUT", "modes", {"deliveries": faults})


def journal(lime, count):
    """The journal's attempts, once there are so many: a delivery is journalled after its answer, so the receiver knows of it first."""
    until = time.monotonic() + WAIT_SECONDS
    while len(rows := lime.sandbox.journal.entries(kind="webhook")) < count:
        assert time.monotonic() < until, f"{len(rows)} of {count} attempts are journalled"
        time.sleep(0.005)
    return rows


def test_a_retry_repeats_id_timestamp_and_body(told, receiver):
    receiver.answers = [500, 503]
    told.create("order", ordernumber="A1")
    received = receiver.wait_for(3)
    assert len({webhook.headers["X-Lime-Delivery-Id"] for webhook in received}) == 1
    assert len({webhook.headers["X-Lime-Delivery-Timestamp"] for webhook in received}) == 1
    assert len({webhook.body for webhook in received}) == 1


def test_a_delivery_is_given_up_after_five_retries(told, receiver):
    receiver.answers = [500] * 10
    told.create("order")
    receiver.wait_for(6)
    time.sleep(0.4)
    assert len(receiver.received) == 6
    assert [(row["attempt"], row["status"]) for row in journal(told, 6)] == [(attempt, 500) for attempt in range(1, 7)]


def test_a_slow_receiver_times_out_and_holds_up_the_rest(told, receiver):
    told.control("PUT", "modes", {"delivery_timeout_seconds": 1.5, "retry_base_seconds": 60})
    receiver.delay = WAIT_SECONDS
    told.create("order", ordernumber="slow")
    receiver.wait_for(1)
    receiver.delay = 0.0
    told.create("order", ordernumber="next")
    slow, following = receiver.wait_for(2)
    assert following.at - slow.at > 0.3
    assert following.data["body"]["values"]["ordernumber"] == "next"
    assert journal(told, 1)[0]["status"] is None


def test_a_burst_of_a_thousand_arrives_in_order(told, receiver):
    told.seed(*({"limetype": "order", "values": {"ordernumber": str(number)}} for number in range(1000)), events=True)
    received = receiver.wait_for(1000)
    assert [webhook.data["body"]["id"] for webhook in received] == list(range(1001, 2001))


def test_a_duplicate_is_the_same_delivery_twice(told, receiver):
    strike(told, duplicate=1)
    told.create("order")
    told.create("order")
    first, again, other = (webhook.headers["X-Lime-Delivery-Id"] for webhook in receiver.wait_for(3))
    assert first == again != other


def test_a_late_retry_is_signed_with_a_time_long_past(told, receiver):
    strike(told, late=1)
    told.create("order")
    [webhook] = receiver.wait_for(1)
    assert time.time() - int(webhook.headers["X-Lime-Delivery-Timestamp"]) > 300
    assert is_signed(webhook)


def test_a_reordered_delivery_comes_after_the_next(told, receiver):
    told.control("PUT", "modes", {"held_seconds": 60})
    strike(told, reorder=1)
    told.create("order")
    told.create("order")
    assert [webhook.data["body"]["id"] for webhook in receiver.wait_for(2)] == [1002, 1001]


def test_a_reordered_delivery_that_nothing_overtakes_still_comes(told, receiver):
    strike(told, reorder=1)
    told.create("order")
    assert receiver.wait_for(1)[0].data["body"]["id"] == 1001


def test_a_lost_delivery_never_comes(told, receiver):
    strike(told, lose=1)
    told.create("order")
    told.create("order")
    assert [webhook.data["body"]["id"] for webhook in receiver.wait_for(1)] == [1002]
    assert [row["fault"] for row in journal(told, 2)] == ["lose", None]


def test_a_tampered_body_does_not_match_its_signature(told, receiver):
    strike(told, tamper=1)
    told.create("order")
    told.create("order")
    tampered, untouched = receiver.wait_for(2)
    assert tampered.data["tampered"] is True
    assert not is_signed(tampered)
    assert is_signed(untouched)


def test_a_delivery_can_be_signed_as_version_one(told, receiver):
    strike(told, signature_v1=1)
    told.create("order")
    [webhook] = receiver.wait_for(1)
    assert webhook.headers["X-Lime-Signature"] == f"sha256={sign('hush', webhook.body)}"
    assert "X-Lime-Delivery-Id" not in webhook.headers


def test_a_delivery_can_be_signed_with_the_secret_before_a_rotation(told, receiver):
    told.call("PUT", "subscription/1", json={"secret": "hush-2"})
    strike(told, old_secret=1)
    told.create("order")
    told.create("order")
    old, new = receiver.wait_for(2)
    assert is_signed(old, "hush")
    assert is_signed(new, "hush-2")


def test_fault_rules_that_both_sandboxes_know_strike_webhooks_too(told, receiver):
    told.control("POST", "faults", {"kind": "webhook_lose", "event": "order.new", "times": 1}, 201)
    told.create("order")
    told.create("order")
    assert [webhook.data["body"]["id"] for webhook in receiver.wait_for(1)] == [1002]


def test_the_command_line_subscribes_the_portal_to_everything(receiver):
    pretended = sandbox(webhook_url=receiver.url, webhook_secret="hush", webhook_headers={"X-Environment": "demo"})
    with serve(pretended) as server:
        lime = Lime(pretended, server)
        lime.create("debtor", name="Anna")
        lime.control("POST", "reset")
        lime.create("debtor", name="Bo")
        first, second = receiver.wait_for(2)
        assert len(lime.get("subscription/")) == 1
    assert is_signed(first)
    assert first.headers["X-Environment"] == "demo"
    assert second.data["body"]["values"]["name"] == "Bo"
