"""Automatic sync: what is changed in Lime follows to Billecta when its switch is on, and only then."""

from __future__ import annotations

import time

import pytest

from integration.handlers.lime_events import NO_MAPPED_FIELD
from integration.ledger import drain
from integration.models import OrderRow, PortalConfiguration, RecordLink, SyncRecord, WebhookEvent
from integration.sync.in_step import ATTESTED, KEPT
from tests.flows.changes import arrived, bodies, calls, debtor_in_billecta, edit, events, kept, of_people, switch, tell_unspecific, writes
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import CREDITOR, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]


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
