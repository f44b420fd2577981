"""Automatic sync: what is changed in Lime follows to Billecta when its switch is on, and only then; nothing echoes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integration.commands import lime_sweep
from integration.handlers.lime_events import NO_MAPPED_FIELD
from integration.ledger import Delivery, claim, drain, receive, submit_collapsed, sweep
from integration.ledger.throttle import throttle
from integration.ledger.work import Work
from integration.models import (
    Invoice,
    LimeCursor,
    OrderRow,
    PortalConfiguration,
    RecordLink,
    RefusedDelivery,
    SyncRecord,
    TokenBucket,
    WebhookEvent,
)
from integration.sync import lime_records
from integration.sync.in_step import ATTESTED, KEPT
from integration.tasks import sweep_lime
from tests.flows.test_main_job import ATTEST, UPSERT, assert_all_is_well, play
from tests.flows.world import CREDITOR, LIME_KEY, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
SECRET, PERSON = "hush", 3702
ALL = ("creditor", "debtor", "article", "order", "orderrow", "creditordebtor", "creditorarticle", "invoice", "payment")
WRITES, READS = ("POST", "PUT", "DELETE"), ("incoming_payments",)


def switch(**on: bool) -> None:
    PortalConfiguration.objects.update(**{f"sync_{name}": value for name, value in on.items()})


def edit(world: World, limetype: str, ref: str, **values: Any) -> None:
    """Change an object as a person would in Lime."""
    world.lime.control("PUT", f"objects/{limetype}/{world.ids[ref]}", values)


def events(**filters: Any) -> list[tuple[str, str]]:
    """Lime's events as the portal keeps them: name and status, oldest first."""
    found = WebhookEvent.objects.filter(source="lime", **filters).order_by("pk")
    return list(found.values_list("event_name", "status"))


def calls(world: World) -> list[str]:
    return [call["operation"] for call in world.billecta.journal("call")]


def writes(world: World) -> list[str]:
    """What was written to Billecta, whether by a call that succeeded or not."""
    return [call["operation"] for call in world.billecta.journal("call") if call["method"] in WRITES and call["operation"] not in READS]


def kept(name: str) -> list[tuple[str, str]]:
    """The automatic work of one kind: status and code, oldest first."""
    return list(SyncRecord.objects.filter(kind=KEPT[name].kind).order_by("pk").values_list("status", "error_code"))


def debtor_in_billecta(world: World) -> dict[str, Any]:
    link = RecordLink.objects.get(limetype="debtor")
    view: dict[str, Any] = world._billecta("GET", f"/v1/debtors/debtor/{link.billecta_id}")
    return view


@pytest.fixture
def told(webhooks: World, live_server, settings) -> Iterator[World]:
    """Both systems tell the portal of everything; Lime signs what it tells."""
    settings.LIME_WEBHOOK_SECRETS = [SECRET]
    subscribe(webhooks, f"{live_server.url}/webhooks/lime/")
    yield webhooks
    webhooks.lime.control("POST", "reset")


def subscribe(world: World, target: str, *, version: int = 2) -> None:
    names = [f"{limetype}.{action}" for limetype in ALL for action in ("new", "update", "delete", "restore")]
    answer = world.session.post(
        f"{world.lime_url}/api/v{version}/subscription/",
        json={"events": names, "target_url": target, "secret": SECRET},
        headers={"x-api-key": LIME_KEY},
        timeout=10,
    )
    answer.raise_for_status()


def of_people() -> list[WebhookEvent]:
    """Lime's events about what people did, oldest first; a deletion does not say whose it was, and only people delete."""
    told = WebhookEvent.objects.filter(source="lime").order_by("pk")
    return [event for event in told if event.event_name.endswith(".delete") or _writer(event) == PERSON]


def _writer(event: WebhookEvent) -> object:
    return json.loads(bytes(event.body))["body"].get("values", {}).get("updateduser")


def arrived(count: int) -> None:
    """Wait, without working on anything, until so many events of people have arrived."""
    deadline = time.monotonic() + 30
    while len(of_people()) < count:
        assert time.monotonic() < deadline, f"{len(of_people())} of {count} events came"
        time.sleep(0.05)


@pytest.fixture
def heard(world) -> Callable[..., Callable[[], bool]]:
    """A condition for `settle`: so many more events of people have come, and none of them is left to be worked on."""

    def heard(count: int) -> Callable[[], bool]:
        before = len(of_people())

        def all_heard() -> bool:
            told = of_people()[before:]
            return len(told) >= count and not any(event.status in {"received", "processing"} for event in told)

        return all_heard

    return heard


@pytest.fixture
def draft(told: World, ask, settle) -> World:
    """The order is a draft in Billecta with all that it refers to; the journals are empty and Lime's echoes have been heard."""
    ask(UPSERT, told.ids["order"])
    settle(until=lambda: told.order_status() == "created")
    told.billecta.control("DELETE", "journal")
    return told


# --- switches ------------------------------------------------------------------------------------------------------------


def test_everything_is_off_from_the_start(draft, settle, heard):
    three = heard(3)
    edit(draft, "debtor", "debtor", city="Umeå")
    edit(draft, "order", "order", message="Ny text")
    edit(draft, "orderrow", "order-row1", quantity=9)
    settle(until=three)
    assert calls(draft) == []
    assert {status for _name, status in events()} == {"ignored"}
    reasons = set(WebhookEvent.objects.filter(event_name="debtor.update").values_list("reason", flat=True))
    assert reasons == {str(KEPT["debtor"].off)}
    assert not SyncRecord.objects.filter(kind__in=[one.kind for one in KEPT.values()]).exists()


def test_a_changed_debtor_follows(draft, settle, heard):
    switch(debtors=True)
    one = heard(1)
    edit(draft, "debtor", "debtor", city="Umeå", address="Storgatan 2")
    settle(until=one)
    view = debtor_in_billecta(draft)
    assert (view["City"], view["Address"], view["Name"]) == ("Umeå", "Storgatan 2", "Anna Andersson")
    assert writes(draft) == ["update_debtor"]
    assert events(event_name="debtor.update") == [("debtor.update", "processed")]
    assert kept("debtor") == [("succeeded", "")]


def test_a_changed_article_follows(draft, settle, heard):
    switch(articles=True)
    one = heard(1)
    edit(draft, "article", "rent", price=4100)
    settle(until=one)
    assert writes(draft) == ["update_product"]
    link = RecordLink.objects.get(limetype="article", lime_id=draft.ids["rent"])
    assert draft._billecta("GET", f"/v1/products/product/{link.billecta_id}")["UnitPrice"] == 4100


def test_a_changed_creditor_follows(draft, settle, heard):
    switch(creditors=True)
    one = heard(1)
    edit(draft, "creditor", "creditor", city="Kiruna")
    settle(until=one)
    assert writes(draft) == ["update_creditor"]
    assert draft._billecta("GET", f"/v1/creditors/creditor/{CREDITOR}")["City"] == "Kiruna"


def test_a_changed_order_and_a_changed_row_update_the_draft(draft, settle, heard):
    switch(orders=True)
    two = heard(2)
    edit(draft, "order", "order", message="Ny text")
    edit(draft, "orderrow", "order-row2", quantity=3)
    settle(until=two)
    [invoice] = draft.invoices()
    assert (invoice["Message"], invoice["InvoicedAmount"]["Value"]) == ("Ny text", 8_000_00 + 3 * 625_00)
    assert set(writes(draft)) == {"update_invoice"}
    assert draft.effects("invoice.created") == []
    assert draft.order_status() == "created"


@pytest.mark.parametrize("name", ["creditors", "debtors", "articles", "orders"])
def test_each_switch_is_for_its_own_kind(draft, settle, heard, name):
    switch(**{name: True})
    four = heard(4)
    edit(draft, "creditor", "creditor", city="Kiruna")
    edit(draft, "debtor", "debtor", city="Umeå")
    edit(draft, "article", "rent", price=4100)
    edit(draft, "order", "order", message="Ny text")
    settle(until=four)
    expected = {"creditors": "update_creditor", "debtors": "update_debtor", "articles": "update_product", "orders": "update_invoice"}
    assert writes(draft) == [expected[name]]


def test_a_switch_that_was_turned_off_while_work_waited_holds(draft, settle, heard):
    switch(debtors=True)
    PortalConfiguration.objects.update(sending_enabled=False)
    edit(draft, "debtor", "debtor", city="Umeå")
    settle_events(1)
    switch(debtors=False)
    PortalConfiguration.objects.update(sending_enabled=True)
    settle()
    assert kept("debtor") == [("skipped", "switched_off")]
    assert events(event_name="debtor.update") == [("debtor.update", "ignored")]
    assert calls(draft) == []


def settle_events(count: int) -> None:
    """Have so many of Lime's events about debtors triaged while nothing may be sent."""
    deadline = time.monotonic() + 10
    while WebhookEvent.objects.filter(event_name="debtor.update", status="processing").count() < count:
        assert time.monotonic() < deadline
        drain(threads=0, seconds=1)
        time.sleep(0.02)


# --- bursts, order of events, what is not mapped -------------------------------------------------------------------------


def test_a_burst_becomes_one_look(draft, settle):
    switch(orders=True)
    for number in range(10):
        edit(draft, "order", "order", message=f"Text {number}")
        edit(draft, "orderrow", "order-row2", quantity=number + 2)
    arrived(20)
    settle()
    assert (kept("order"), writes(draft)) == ([("succeeded", "")], ["update_invoice"])
    [invoice] = draft.invoices()
    assert (invoice["Message"], invoice["InvoicedAmount"]["Value"]) == ("Text 9", 8_000_00 + 11 * 625_00)
    assert {event.status for event in of_people()} == {"processed"}


def test_a_field_that_is_not_mapped_makes_no_call_at_all(draft, settle, heard):
    switch(orders=True, debtors=True)
    draft.lime.control("DELETE", "journal")
    one = heard(1)
    edit(draft, "order", "order", billectaerror="skrivet för hand")
    settle(until=one)
    assert (calls(draft), draft.lime.journal("call")) == ([], [])
    assert [(event.status, event.reason) for event in of_people()] == [("ignored", str(NO_MAPPED_FIELD))]


def test_an_event_that_does_not_say_what_changed_makes_no_call_to_billecta_when_nothing_did(draft, settle, heard):
    switch(orders=True, debtors=True, articles=True)
    for limetype, ref in (("debtor", "debtor"), ("article", "rent"), ("order", "order")):
        tell_unspecific(f"{limetype}.update", draft.ids[ref])
    settle()
    assert calls(draft) == []
    assert [kept(name) for name in ("debtor", "article", "order")] == [[("succeeded", "")]] * 3


def tell_unspecific(name: str, lime_id: int) -> None:
    """An event of which only its name and object are known."""
    body = f'{{"event": "{name}", "body": {{"id": {lime_id}}}}}'.encode()
    receive(Delivery(body=body, event_name=name, entity_id=str(lime_id), source="lime"))


def test_events_in_the_wrong_order_lead_to_what_lime_says_now(draft, settle, heard):
    switch(debtors=True)
    draft.lime.control("POST", "faults", {"kind": "webhook_reorder", "event": "debtor.update", "times": 1})
    two = heard(2)
    edit(draft, "debtor", "debtor", city="Umeå")
    edit(draft, "debtor", "debtor", city="Luleå")
    settle(until=two)
    cities = [body["body"]["values"]["city"] for body in bodies("debtor.update")]
    assert cities == ["Luleå", "Umeå"]
    assert debtor_in_billecta(draft)["City"] == "Luleå"


def bodies(name: str) -> list[dict[str, Any]]:
    return [json.loads(bytes(event.body)) for event in WebhookEvent.objects.filter(event_name=name).order_by("pk")]


# --- what is not in Billecta, what is locked, what is deleted ------------------------------------------------------------


def test_what_was_never_sent_is_not_sent(told, settle, heard):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    four = heard(4)
    edit(told, "debtor", "debtor", city="Umeå")
    edit(told, "article", "rent", price=4100)
    edit(told, "order", "order", message="Ny text")
    edit(told, "orderrow", "order-row1", quantity=9)
    settle(until=four)
    assert calls(told) == []
    assert {status for _name, status in events()} == {"ignored"}
    assert told.order_status() == "empty"


def test_new_objects_are_not_sent(draft, settle, heard):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    two = heard(2)
    draft.lime.control("POST", "objects/debtor", {"name": "Bo Berg"})
    draft.lime.control("POST", "objects/article", {"articlenumber": "NY", "description": "Ny"})
    settle(until=two)
    assert writes(draft) == []


def test_a_new_row_and_a_deleted_row_change_the_draft(draft, settle, heard):
    switch(orders=True)
    row = {"order": draft.ids["order"], "article": draft.ids["parking"], "rownumber": 3, "articlenumber": "P", "description": "Parkering"}
    one = heard(1)
    made = draft.lime.control("POST", "objects/orderrow", {**row, "quantity": 1, "unit": "mån", "price": 500, "vat": 25})
    settle(until=one)
    assert draft.invoices()[0]["InvoicedAmount"]["Value"] == World.TOTAL_ORE + 625_00
    assert OrderRow.objects.filter(lime_id=made["_id"]).exists()
    one = heard(1)
    draft.lime.control("DELETE", f"objects/orderrow/{made['_id']}")
    settle(until=one)
    assert draft.invoices()[0]["InvoicedAmount"]["Value"] == World.TOTAL_ORE
    assert len(draft.invoices()) == 1


def test_a_row_that_is_moved_changes_both_orders(draft, ask, settle, heard):
    second = draft.add_order()
    ask(UPSERT, second)
    settle(until=lambda: draft.order_status("order2") == "created")
    switch(orders=True)
    one = heard(1)
    edit(draft, "orderrow", "order-row2", order=second, rownumber=3)
    settle(until=one)
    assert sorted(invoice["InvoicedAmount"]["Value"] for invoice in draft.invoices()) == [8_000_00, World.TOTAL_ORE + 625_00]


def test_an_attested_order_is_left_alone_and_shows_no_error(draft, ask, settle, heard):
    ask(ATTEST, draft.ids["order"])
    settle(until=lambda: draft.order_status() == "sent")
    switch(orders=True)
    draft.billecta.control("DELETE", "journal")
    two = heard(2)
    edit(draft, "order", "order", message="Ny text")
    edit(draft, "orderrow", "order-row1", quantity=9)
    settle(until=two)
    assert [(event.status, event.reason) for event in of_people()] == [("ignored", str(ATTESTED))] * 2
    assert calls(draft) == []
    assert (draft.order_status(), draft.lime_object("order", draft.ids["order"])["billectaerror"]) == ("sent", "")


def test_an_order_that_was_attested_without_the_portal_knowing_is_skipped(draft, settle, heard):
    switch(orders=True)
    draft.billecta.control("PUT", "webhooks", {"url": ""})
    [invoice] = draft.invoices()
    draft._call("PUT", f"/v1/invoice/attest/{invoice['ActionPublicId']}")
    one = heard(1)
    edit(draft, "order", "order", message="Ny text")
    settle(until=lambda: one() and draft.order_status() in {"sent", "attested"})
    assert kept("order") == [("skipped", "attested")]
    assert draft.lime_object("order", draft.ids["order"])["billectaerror"] == ""
    assert draft.invoices()[0]["Message"] != "Ny text"


def test_a_draft_that_was_deleted_in_billecta_is_not_made_anew(draft, settle, heard):
    switch(orders=True)
    draft.billecta.control("PUT", "webhooks", {"url": ""})
    [invoice] = draft.invoices()
    draft.delete_draft(invoice["ActionPublicId"])
    one = heard(1)
    edit(draft, "order", "order", message="Ny text")
    settle(until=lambda: one() and draft.order_status() == "deleted")
    assert kept("order") == [("skipped", "draft_deleted")]
    one = heard(1)
    edit(draft, "order", "order", message="Ännu en text")
    settle(until=one)
    assert (draft.invoices(), draft.effects("invoice.created")) == ([], [])


def test_an_order_with_another_creditor_is_not_sent_to_it(draft, settle, heard):
    switch(orders=True)
    other = draft.lime.control("POST", "seed", {"objects": [{"limetype": "creditor", "ref": "other", "values": {"name": "Annan AB"}}]})
    one = heard(1)
    edit(draft, "order", "order", creditor=other["ids"]["other"])
    settle(until=one)
    assert kept("order") == [("skipped", "creditor_changed")]
    assert writes(draft) == []


def test_an_invalid_change_fails_in_the_portal_and_not_on_the_order(draft, settle, heard):
    switch(orders=True)
    one = heard(1)
    edit(draft, "orderrow", "order-row2", vat=17)
    settle(until=one)
    assert kept("order") == [("failed", "validation_failed")]
    assert WebhookEvent.objects.filter(event_name="orderrow.update").latest("pk").status == "failed"
    assert (writes(draft), draft.order_status()) == ([], "created")


def test_nothing_is_deleted_in_billecta(draft, settle, heard):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    three = heard(3)
    for limetype, ref in (("order", "order"), ("debtor", "debtor"), ("article", "rent")):
        draft.lime.control("DELETE", f"objects/{limetype}/{draft.ids[ref]}")
    settle(until=three)
    assert set(events(event_name__endswith=".delete")) == {(f"{name}.delete", "ignored") for name in ("order", "debtor", "article")}
    assert writes(draft) == []
    assert len(draft.invoices()) == 1


def test_what_is_gone_when_it_is_looked_at_is_skipped(draft, settle):
    switch(orders=True, debtors=True)
    for limetype, ref in (("order", "order"), ("debtor", "debtor")):
        draft.lime.control("DELETE", f"objects/{limetype}/{draft.ids[ref]}")
        tell_unspecific(f"{limetype}.update", draft.ids[ref])
    settle()
    assert (kept("order"), kept("debtor")) == ([("skipped", "gone_in_lime")], [("skipped", "gone_in_lime")])


@pytest.mark.parametrize(
    ("name", "status"),
    [("invoice.update", "ignored"), ("creditordebtor.new", "ignored"), ("company.update", "ignored"), ("debtor.merged", "unrecognised")],
)
def test_other_events_are_kept_with_a_reason(world, settle, name, status):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    tell_unspecific(name, 1001)
    settle()
    event = WebhookEvent.objects.get(event_name=name)
    assert (event.status, bool(event.reason), event.sync_record) == (status, True, None)


# --- deliveries ----------------------------------------------------------------------------------------------------------


def test_a_delivery_that_comes_twice_is_one_event(draft, settle, heard):
    switch(debtors=True)
    draft.lime.control("POST", "faults", {"kind": "webhook_duplicate", "event": "debtor.update", "times": 1})
    one = heard(1)
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=lambda: one() and len(delivered(draft, "debtor.update")) == 2)
    assert delivered(draft, "debtor.update") == [200, 200]
    assert len(events(event_name="debtor.update")) == 1
    assert writes(draft) == ["update_debtor"]


def delivered(world: World, name: str) -> list[int]:
    return [row["status"] for row in world.lime.journal("webhook") if row["event"] == name]


@pytest.mark.parametrize(("fault", "taken"), [("late", True), ("signature_v1", True), ("tamper", False), ("old_secret", False)])
def test_what_lime_delivers_oddly_is_taken_when_its_signature_holds(draft, settle, heard, fault, taken):
    switch(debtors=True)
    draft.lime.control("PUT", "modes", {"deliveries": {fault: 1}})
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=lambda: len(delivered(draft, "debtor.update")) == 1)
    settle()
    assert delivered(draft, "debtor.update") == [200 if taken else 401]
    assert writes(draft) == (["update_debtor"] if taken else [])
    assert RefusedDelivery.objects.filter(source="lime", reason="unauthorized").exists() is not taken


def test_a_secret_that_was_replaced_still_opens_while_it_is_listed(draft, settle, settings):
    switch(debtors=True)
    settings.LIME_WEBHOOK_SECRETS = ["newer", "former-secret"]
    draft.lime.control("PUT", "modes", {"deliveries": {"old_secret": 1}})
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=lambda: delivered(draft, "debtor.update") == [200])
    settle()
    assert writes(draft) == ["update_debtor"]


def test_an_older_lime_with_version_1_is_heard(webhooks, ask, live_server, settings, settle):
    settings.LIME_WEBHOOK_SECRETS = [SECRET]
    subscribe(webhooks, f"{live_server.url}/webhooks/lime/", version=1)
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    webhooks.billecta.control("DELETE", "journal")
    switch(debtors=True)
    edit(webhooks, "debtor", "debtor", city="Umeå")
    settle(until=lambda: "update_debtor" in writes(webhooks))
    webhooks.lime.control("POST", "reset")
    assert writes(webhooks) == ["update_debtor"]


# --- no echo -------------------------------------------------------------------------------------------------------------


def test_the_whole_job_with_every_switch_on_writes_nothing_more_and_comes_to_rest(told, ask, settle):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    action = play(told, ask, settle)
    settle(quiet=2)
    told_of = {name for name, _status in events()}
    assert {"order.update", "creditordebtor.new", "invoice.new", "payment.new"} <= told_of
    assert_all_is_well(told, action)
    expected = ["create_debtor", "create_product", "create_product", "create_invoice", "attest_invoice"]
    assert sorted(writes(told)) == sorted(expected)
    assert not SyncRecord.objects.filter(kind__in=[one.kind for one in KEPT.values()]).exists()
    at_rest = WebhookEvent.objects.count(), SyncRecord.objects.count()
    settle(quiet=2)
    assert (WebhookEvent.objects.count(), SyncRecord.objects.count()) == at_rest


def test_a_change_by_a_person_comes_to_rest_too(draft, settle, heard):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    two = heard(2)
    edit(draft, "order", "order", message="Ny text")
    edit(draft, "debtor", "debtor", city="Umeå")
    settle(until=two, quiet=2)
    assert sorted(writes(draft)) == ["update_debtor", "update_invoice"]


# --- the sweep -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def silent(world, ask, settle) -> World:
    """The same draft with a Lime that tells nothing, every switch on, and a sweep that has begun to listen."""
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    switch(creditors=True, debtors=True, articles=True, orders=True)
    assert sweep_lime() is False
    world.billecta.control("DELETE", "journal")
    world.lime.control("DELETE", "journal")
    found: World = world
    return found


def due() -> None:
    """Let the time for a sweep come."""
    LimeCursor.objects.update(asked_at=timezone.now() - timedelta(minutes=16))


def swept(settle) -> None:
    due()
    assert sweep_lime() is True
    settle()


def test_a_sweep_finds_what_nobody_told_of(silent, settle):
    edit(silent, "debtor", "debtor", city="Umeå")
    edit(silent, "orderrow", "order-row2", quantity=3)
    edit(silent, "creditor", "creditor", city="Kiruna")
    edit(silent, "article", "rent", price=4100)
    swept(settle)
    assert sorted(writes(silent)) == ["update_creditor", "update_debtor", "update_invoice", "update_product"]
    assert debtor_in_billecta(silent)["City"] == "Umeå"
    assert silent.invoices()[0]["InvoicedAmount"]["Value"] == 8_000_00 + 3 * 625_00


def test_a_sweep_asks_for_nothing_that_is_in_step(silent, settle):
    edit(silent, "debtor", "debtor", name="Anna Andersson")
    edit(silent, "article", "rent", price=4000)
    edit(silent, "article", "parking", active=True)
    swept(settle)
    assert calls(silent) == []
    assert (kept("debtor"), kept("article"), kept("order")) == ([], [], [])
    assert SyncRecord.objects.get(kind=lime_sweep.SWEEP).status == "succeeded"


def test_a_sweep_sends_nothing_for_the_first_time(silent, settle):
    ids = silent.lime.control("POST", "seed", {"objects": [{"limetype": "debtor", "ref": "new", "values": {"name": "Bo Berg"}}]})["ids"]
    silent.add_order("order3")
    silent.lime.control("PUT", f"objects/debtor/{ids['new']}", {"city": "Umeå"})
    swept(settle)
    assert calls(silent) == []


def test_a_sweep_leaves_attested_orders_alone(silent, ask, settle):
    ask(ATTEST, silent.ids["order"])
    settle(until=lambda: Invoice.objects.filter(attested_at__isnull=False).exists())
    silent.billecta.control("DELETE", "journal")
    edit(silent, "order", "order", message="Ny text")
    swept(settle)
    assert (calls(silent), kept("order")) == ([], [])


def test_a_sweep_after_the_whole_job_sends_nothing(webhooks, ask, settle):
    switch(creditors=True, debtors=True, articles=True, orders=True)
    assert sweep_lime() is False
    action = play(webhooks, ask, settle)
    webhooks.billecta.control("DELETE", "journal")
    swept(settle)
    looked = SyncRecord.objects.get(kind=lime_sweep.SWEEP).result["looks"]
    assert (calls(webhooks), looked["order"]) == ([], 0)
    assert webhooks.order_status() == "paid"
    assert webhooks.invoice(action)["CurrentAmount"]["Value"] == 0


def test_a_sweep_of_a_draft_whose_status_was_written_sends_nothing(silent, settle):
    silent.lime.control("PUT", f"objects/order/{silent.ids['order']}", {"billectaerror": ""})
    swept(settle)
    assert (calls(silent), kept("order")) == ([], [("succeeded", "")])


def test_the_first_sweep_begins_now_and_not_at_the_beginning_of_time(world, ask, settle):
    ask(UPSERT, world.ids["order"])
    settle(until=lambda: world.order_status() == "created")
    edit(world, "debtor", "debtor", city="Umeå")
    world.billecta.control("DELETE", "journal")
    time.sleep(0.01)
    switch(debtors=True)
    assert sweep_lime() is False
    swept(settle)
    assert calls(world) == []
    assert not LimeCursor.objects.exclude(name="debtor").exists()


def test_a_switch_that_is_turned_on_again_begins_anew(silent, settle):
    switch(debtors=False)
    sweep_lime()
    edit(silent, "debtor", "debtor", city="Umeå")
    time.sleep(0.01)
    switch(debtors=True)
    sweep_lime()
    swept(settle)
    assert writes(silent) == []


def test_a_sweep_is_asked_for_when_its_time_has_come_and_once(silent, settle):
    assert sweep_lime() is False
    due()
    assert (sweep_lime(), sweep_lime()) == (True, False)
    due()
    assert sweep_lime() is False, "one is waiting already"
    settle()
    due()
    assert sweep_lime() is True


def test_nothing_is_swept_while_everything_is_off(world):
    assert sweep_lime() is False
    assert not LimeCursor.objects.exists()
    assert not SyncRecord.objects.exists()


def many_debtors(world: World, ask, settle, count: int) -> list[int]:
    """So many more debtors in Billecta, all changed in Lime at the same moment without a word."""
    objects = [{"limetype": "debtor", "ref": f"d{number}", "values": {"name": f"Kund {number}"}} for number in range(count)]
    ids = list(world.lime.control("POST", "seed", {"objects": objects})["ids"].values())
    ask("upsert-debtors-in-billecta", *ids)
    settle(60)
    world.billecta.control("DELETE", "journal")
    RecordLink.objects.filter(limetype="debtor", lime_id__in=ids).update(sent_hash="of something older")
    return ids


def test_a_sweep_that_is_killed_midway_goes_on_and_passes_nothing_over(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 7)
    monkeypatch.setattr(lime_sweep, "PAGE", 2)
    asked = lime_records.changed_since
    pages: list[int] = []

    def killed_at_the_third_page(name, *rest, **more):
        if name == "debtor":
            pages.append(more["after_id"])
            if len(pages) == 3:
                raise SystemExit
        return asked(name, *rest, **more)

    monkeypatch.setattr(lime_records, "changed_since", killed_at_the_third_page)
    before = LimeCursor.objects.get(name="debtor").since
    due()
    sweep_lime()
    [record] = claim(["outbound"], 1)
    with pytest.raises(SystemExit):
        lime_sweep.sweep(Work(record))
    stopped = LimeCursor.objects.get(name="debtor")
    assert (stopped.since, stopped.pass_started_at is not None, stopped.after_id) == (before, True, pages[-1])
    SyncRecord.objects.filter(pk=record.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    settle()
    assert pages[3] == pages[2], "it goes on where it was"
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) >= set(ids)
    ended = LimeCursor.objects.get(name="debtor")
    assert (ended.pass_started_at, ended.after_id) == (None, 0)


def test_a_page_whose_work_cannot_be_stored_is_asked_for_again(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 3)
    monkeypatch.setattr(lime_sweep, "PAGE", 2)
    failed: list[str] = []

    def failing_once(kind, subjects, **more):
        if kind == KEPT["debtor"].kind and not failed:
            failed.append(kind)
            submit_collapsed(kind, subjects, **more)
            raise SystemExit
        return submit_collapsed(kind, subjects, **more)

    due()
    sweep_lime()
    [record] = claim(["outbound"], 1)
    monkeypatch.setattr("integration.commands.lime_sweep.submit_collapsed", failing_once)
    with pytest.raises(SystemExit):
        lime_sweep.sweep(Work(record))
    assert (LimeCursor.objects.get(name="debtor").after_id, kept("debtor")) == (0, [])
    SyncRecord.objects.filter(pk=record.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    settle()
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) == set(ids)


def test_what_is_deleted_or_changed_during_a_pass_makes_it_pass_nothing_over(silent, ask, settle, monkeypatch):
    ids = many_debtors(silent, ask, settle, 6)
    monkeypatch.setattr(lime_sweep, "PAGE", 2)
    asked = lime_records.changed_since
    touched: list[bool] = []

    def with_people_at_work(name, *rest, **more):
        page = asked(name, *rest, **more)
        if name == "debtor" and not touched:
            touched.append(True)
            silent.lime.control("DELETE", f"objects/debtor/{ids[0]}")
            silent.lime.control("PUT", f"objects/debtor/{ids[1]}", {"city": "Umeå"})
        return page

    monkeypatch.setattr(lime_records, "changed_since", with_people_at_work)
    swept(settle)
    assert set(SyncRecord.objects.filter(kind=KEPT["debtor"].kind).values_list("lime_id", flat=True)) >= set(ids)


def test_the_next_pass_looks_back_over_the_beginning_of_the_one_before(silent, settle):
    LimeCursor.objects.update(since=timezone.now() - timedelta(hours=1))
    started = timezone.now()
    swept(settle)
    for cursor in LimeCursor.objects.all():
        assert started - lime_sweep.OVERLAP <= cursor.since <= timezone.now() - lime_sweep.OVERLAP


def test_a_lime_that_cannot_be_reached_delays_the_sweep_and_loses_nothing(silent, settle):
    edit(silent, "debtor", "debtor", city="Umeå")
    silent.lime.control("POST", "faults", {"kind": "status", "status": 503, "times": 3})
    swept(settle)
    assert writes(silent) == ["update_debtor"]


def test_a_sweep_keeps_within_the_limit_of_calls(silent, settle):
    TokenBucket.objects.filter(system="lime").update(enabled=True, rate_per_second=4, burst=4, tokens=4)
    throttle.cache_clear()
    edit(silent, "debtor", "debtor", city="Umeå")
    due()
    sweep_lime()
    settle(40)
    assert writes(silent) == ["update_debtor"]
    assert SyncRecord.objects.get(kind=lime_sweep.SWEEP).status == "succeeded"
