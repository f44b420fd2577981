"""Webhooks: subscriptions in both versions, payloads and signatures."""

import hashlib
import hmac

import pytest

ALL = ("order.new", "order.update", "order.delete", "order.restore")


def sign(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def events_of(received):
    return [webhook.data["event"] for webhook in received]


def test_a_new_object_is_told_with_all_values_without_underscores(lime, receiver):
    lime.subscribe(receiver.url, *ALL)
    created = lime.create("order", ordernumber="A1", invoicefee=29.5, deliverymethod="email", duedate="2026-03-31")
    [webhook] = receiver.wait_for(1)
    body = webhook.data["body"]
    assert (webhook.data["event"], body["id"], body["limetype"]) == ("order.new", 1001, "order")
    assert "original_values" not in body
    values = body["values"]
    assert (values["ordernumber"], values["invoicefee"], values["deliverymethod"]) == ("A1", 29.5, "email")
    assert (values["billectastatus"], values["debtor"], values["duedate"]) == ("empty", None, "2026-03-31T00:00:00+02:00")
    assert (values["id"], values["createduser"], values["updateduser"]) == (1001, 3701, 3701)
    assert (values["timestamp"], values["createdtime"]) == (created["_timestamp"], created["_createdtime"])
    assert "orderrow" not in values
    assert not [name for name in values if name.startswith("_")]


def test_an_update_tells_the_old_values_of_what_changed(lime, receiver):
    lime.create("order", ordernumber="A1", deliverymethod="email", invoicefee=5)
    lime.subscribe(receiver.url, *ALL)
    lime.update("order", 1001, deliverymethod="kivra", invoicefee=5, ordernumber="A2")
    [webhook] = receiver.wait_for(1)
    body = webhook.data["body"]
    assert body["original_values"] == {"deliverymethod": "email", "ordernumber": "A1"}
    assert (body["values"]["deliverymethod"], body["values"]["ordernumber"]) == ("kivra", "A2")


def test_a_delete_tells_the_id_only_and_a_restore_everything(lime, receiver):
    lime.subscribe(receiver.url, *ALL)
    lime.create("order", ordernumber="A1")
    lime.call("DELETE", "limeobject/order/1001/")
    lime.control("POST", "objects/order/1001/restore")
    received = receiver.wait_for(3)
    assert received[1].data == {"event": "order.delete", "body": {"id": 1001, "limetype": "order"}}
    assert events_of(received) == ["order.new", "order.delete", "order.restore"]
    assert received[2].data["body"]["values"]["ordernumber"] == "A1"


def test_the_writer_is_told_so_that_an_echo_is_known(lime, receiver):
    lime.create("order")
    lime.subscribe(receiver.url, "order.update")
    lime.update("order", 1001, message="portal")
    lime.control("PUT", "objects/order/1001", {"message": "person"})
    received = receiver.wait_for(2)
    assert [webhook.data["body"]["values"]["updateduser"] for webhook in received] == [3701, 3702]


def test_version_one_signs_the_body(lime, receiver):
    lime.subscribe(receiver.url, "order.new", version=1, secret="hush")
    lime.create("order", message="Hyra för mars")
    [webhook] = receiver.wait_for(1)
    assert webhook.headers["X-Lime-Signature"] == f"sha256={sign('hush', webhook.body)}"
    assert "X-Lime-Delivery-Id" not in webhook.headers


def test_version_two_signs_the_delivery(lime, receiver):
    lime.subscribe(receiver.url, "order.new", version=2, secret="hush")
    lime.create("order")
    [webhook] = receiver.wait_for(1)
    delivery, timestamp = webhook.headers["X-Lime-Delivery-Id"], webhook.headers["X-Lime-Delivery-Timestamp"]
    signed = f"v2:{delivery}:{timestamp}:{hashlib.sha256(webhook.body).hexdigest()}".encode()
    assert webhook.headers["X-Lime-Signature"] == f"v2={sign('hush', signed)}"


def test_without_a_secret_nothing_is_signed(lime, receiver):
    lime.subscribe(receiver.url, "order.new")
    lime.create("order")
    assert "X-Lime-Signature" not in receiver.wait_for(1)[0].headers


def test_both_versions_manage_one_list_and_never_show_the_secret(lime):
    one = lime.subscribe("http://127.0.0.1:9/a", "order.new", "order.update", version=1, secret="hush", name="first").json()
    two = lime.subscribe("http://127.0.0.1:9/b", "order.new", version=2).json()
    assert one == {
        "id": 1,
        "name": "first",
        "enabled": True,
        "events": ["order.new", "order.update"],
        "target_url": "http://127.0.0.1:9/a",
        "signature_version": "v1",
    }
    v2 = f"{lime.url}/kvittens/api/v2/subscription/"
    assert lime.get(v2) == lime.get("subscription/") == [one, two]
    assert lime.get("subscription/", events="order.new,order.update") == [one]
    assert lime.get("subscription/", target_url="http://127.0.0.1:9/b") == [two]
    assert lime.get("subscription/", enabled="false") == []
    assert lime.get(f"{v2}1") == one


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_subscription_is_changed_in_part_and_deleted(lime, slash):
    lime.subscribe("http://127.0.0.1:9/a", "order.new")
    changed = lime.call("PUT", f"subscription/1{slash}", json={"enabled": False}).json()
    assert (changed["enabled"], changed["events"]) == (False, ["order.new"])
    assert lime.call("DELETE", f"subscription/1{slash}").status_code == 204
    assert lime.call("GET", f"subscription/1{slash}").status_code == 404


def test_a_disabled_subscription_and_other_events_are_not_told(lime, receiver):
    lime.subscribe(receiver.url, "order.new")
    lime.call("PUT", "subscription/1", json={"enabled": False})
    lime.create("order")
    lime.call("PUT", "subscription/1", json={"enabled": True})
    lime.create("debtor", name="Anna")
    lime.create("order", ordernumber="told")
    assert receiver.wait_for(1)[0].data["body"]["values"]["ordernumber"] == "told"


@pytest.mark.parametrize(
    "data", [{"events": ["order.new"]}, {"events": ["order.sold"], "target_url": "http://x"}, {"events": ["order.new"], "target_url": "x"}]
)
def test_a_subscription_that_makes_no_sense_is_400(lime, data):
    assert lime.call("POST", "subscription/", json=data).status_code == 400


def test_an_older_server_has_no_second_version(lime):
    lime.control("PUT", "modes", {"v2_subscriptions": False})
    assert lime.subscribe("http://127.0.0.1:9/a", "order.new", version=2).status_code == 404
    assert lime.subscribe("http://127.0.0.1:9/a", "order.new", version=1).status_code == 201


def test_subscriptions_need_the_group(lime):
    lime.control("PUT", "modes", {"webhook_rights": False})
    assert lime.call("GET", "subscription/").status_code == 403
    assert lime.subscribe("http://127.0.0.1:9/a", "order.new").status_code == 403


def test_every_limetype_has_its_four_events(lime):
    available = lime.get("subscription/available/")
    assert {"order.new", "order.update", "order.delete", "order.restore", "payment.new"} <= set(available)
    assert len(available) == 4 * len(lime.sandbox.schema.limetypes)
