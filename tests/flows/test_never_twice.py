"""What people and broken answers do between two runs makes no second invoice, books no wrong one, and hides no booked one."""

from __future__ import annotations

import pytest

from integration import ledger
from integration.commands import batches, orders
from integration.commands.selection import CommandRequest
from integration.ledger import drain
from integration.models import Invoice, Order, RecordLink, RetryPolicy, SyncRecord
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
Status = SyncRecord.Status
OTHER = "0d0d0d0d-1111-4222-8333-444444444444"


@pytest.fixture
def draft(webhooks: World, ask, settle) -> str:
    """The order is a draft in Billecta; its action id."""
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    [invoice] = webhooks.invoices()
    return str(invoice["ActionPublicId"])


@pytest.fixture
def attested(webhooks: World, draft: str, ask, settle) -> str:
    """The order is attested and sent; its action id."""
    ask(ATTEST, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "sent")
    return draft


def last(kind: str) -> SyncRecord:
    return SyncRecord.objects.filter(kind=kind).latest("pk")


def change(world: World, **values: object) -> None:
    world.lime.control("PUT", f"objects/orderrow/{world.ids['order-row2']}", values)


def work_until_it_waits(kind: str) -> None:
    while not SyncRecord.objects.filter(kind=kind, status=Status.WAITING_RETRY).exists():
        drain(threads=0)


def lose_the_answer(world: World) -> None:
    RetryPolicy.objects.filter(error_code="").update(first_delay_seconds=1)
    world.billecta.control("POST", "faults", {"operation": "create_invoice", "kind": "status", "status": 502, "perform": True, "times": 1})


def test_a_copied_order_becomes_an_invoice_of_its_own(webhooks, draft, ask, settle):
    copy = webhooks.add_order()
    webhooks.lime.control("PUT", f"objects/order/{copy}", {"billectaid": draft})
    ask(UPSERT, copy)
    settle()
    ask(ATTEST, copy)
    settle(until=lambda: webhooks.order_status("order2") == "sent")
    [booked] = webhooks.effects("invoice.attested")
    assert booked["action"] != draft
    assert (webhooks.order_status(), len(webhooks.effects("invoice.created"))) == ("created", 2)


def test_one_of_two_orders_that_hold_the_same_foreign_invoice_is_refused_and_keeps_no_id(webhooks, draft, ask, settle):
    """An invoice of the old package names no order: who came first has it."""
    from integration.sync.systems import billecta

    view = billecta().get_invoice(draft)
    from integration.mapping.orders import entry_from_view

    billecta().update_invoice(draft, {**entry_from_view(view.raw), "ExternalReference": "old-4711"})
    copy = webhooks.add_order()
    webhooks.lime.control("PUT", f"objects/order/{copy}", {"billectaid": draft})
    ask(UPSERT, copy)
    settle()
    assert (last(UPSERT).error_code, Order.objects.get(lime_id=copy).billecta_id) == ("ambiguous_match", "")
    ask(ATTEST, copy)
    settle()
    assert last(ATTEST).error_code == "guard_refused"
    assert webhooks.effects("invoice.attested") == []


def test_a_single_404_does_not_make_an_attested_invoice_anew(webhooks, attested, ask, settle):
    change(webhooks, quantity=3)
    webhooks.billecta.control("POST", "faults", {"operation": "get_invoice", "kind": "status", "status": 404, "times": 1})
    ask(UPSERT, webhooks.ids["order"])
    settle()
    assert len(webhooks.effects("invoice.created")) == 1
    assert last(UPSERT).error_code == "guard_refused"


def test_a_single_404_does_not_make_a_draft_anew(webhooks, draft, ask, settle):
    change(webhooks, quantity=3)
    webhooks.billecta.control("POST", "faults", {"operation": "get_invoice", "kind": "status", "status": 404, "times": 1})
    ask(UPSERT, webhooks.ids["order"])
    settle()
    assert (len(webhooks.effects("invoice.created")), last(UPSERT).status) == (1, Status.SUCCEEDED)


def test_a_single_404_does_not_show_an_attested_invoice_as_deleted(webhooks, attested, settle):
    webhooks.billecta.control("POST", "faults", {"operation": "get_invoice", "kind": "status", "status": 404, "times": 1})
    webhooks.billecta.control("POST", f"invoices/{attested}/raise", {"event": "InvoiceActionUpdated"})
    settle()
    assert (webhooks.order_status(), Invoice.objects.get().deleted_at) == ("sent", None)


def test_a_draft_whose_debtor_was_changed_after_a_lost_answer_is_found(world, ask, settle):
    bo = {
        "name": "Bo Berg",
        "ssnregno": "19840312-2388",
        "email": "b@example.se",
        "zipcode": "111 22",
        "city": "Stockholm",
        "address": "G 2",
    }
    ids = world.lime.control("POST", "seed", {"objects": [{"limetype": "debtor", "ref": "bo", "values": bo}]})["ids"]
    lose_the_answer(world)
    ask(UPSERT, world.ids["order"])
    work_until_it_waits(UPSERT)
    world.lime.control("PUT", f"objects/order/{world.ids['order']}", {"debtor": ids["bo"]})
    settle(until=lambda: world.order_status() == "created")
    [invoice] = world.invoices()
    assert invoice["Debtor"]["Name"] == "Bo Berg"


@pytest.fixture
def other_creditor(world) -> int:
    """A second creditor in both systems; its Lime id."""
    creditor = {"CreditorPublicId": OTHER, "Name": "Annat AB", "OrgNo": "556012-5790", "IsEnabled": True}
    world.billecta.control("POST", "seed", {"creditors": [creditor]})
    values = {"name": "Annat AB", "ssnregno": "556012-5790", "billectaid": OTHER}
    ids = world.lime.control("POST", "seed", {"objects": [{"limetype": "creditor", "ref": "other", "values": values}]})["ids"]
    return int(ids["other"])


def test_an_order_that_is_invoiced_is_not_invoiced_again_for_another_creditor(webhooks, attested, other_creditor, ask, settle):
    order = webhooks.ids["order"]
    webhooks.lime.control("PUT", f"objects/order/{order}", {"creditor": other_creditor, "billectaid": ""})
    ask(UPSERT, order)
    settle()
    assert (len(webhooks.effects("invoice.created")), last(UPSERT).error_code) == (1, "guard_refused")
    assert not Order.objects.filter(creditor__billecta_id=OTHER).exists()


def test_an_order_whose_draft_was_deleted_may_go_to_another_creditor(webhooks, draft, other_creditor, ask, settle):
    webhooks.delete_draft(draft)
    settle(until=lambda: webhooks.order_status() == "deleted")
    webhooks.lime.control("PUT", f"objects/order/{webhooks.ids['order']}", {"creditor": other_creditor})
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    assert Order.objects.filter(creditor__billecta_id=OTHER).exists()
    [shown] = orders.preview(webhooks.ids["order"], {})
    assert (shown.creditor, shown.problems) == (OTHER, [])


def test_a_creditor_that_was_changed_after_a_lost_answer_is_refused(world, other_creditor, ask, settle):
    lose_the_answer(world)
    ask(UPSERT, world.ids["order"])
    work_until_it_waits(UPSERT)
    world.lime.control("PUT", f"objects/order/{world.ids['order']}", {"creditor": other_creditor})
    settle()
    assert (len(world.effects("invoice.created")), last(UPSERT).error_code) == (1, "guard_refused")


def test_an_invoice_that_billecta_split_waits_for_a_person(world, ask, settle, monkeypatch):
    from integration.billecta.invoices import InvoiceCalls

    create = InvoiceCalls._create
    monkeypatch.setattr(
        InvoiceCalls,
        "_create",
        lambda self, name, *args, **names: create(self, name, *args, **names) + (";999" * (name == "create_invoice")),
    )
    ask(UPSERT, world.ids["order"])
    settle()
    split = last(UPSERT)
    assert (split.status, list(split.open_writes)) == (Status.NEEDS_DECISION, ["create_invoice"])
    [invoice] = world.invoices()
    ledger.decide(split, happened=True, actor="Anna", billecta_id=invoice["ActionPublicId"])
    change(world, quantity=2)
    ask(UPSERT, world.ids["order"])
    settle()
    assert (len(world.effects("invoice.created")), last(UPSERT).status) == (1, Status.SUCCEEDED)


def test_what_was_said_to_have_happened_is_looked_for_and_never_sent_again(world, ask, settle):
    lose_the_answer(world)
    ask(UPSERT, world.ids["order"])
    work_until_it_waits(UPSERT)
    SyncRecord.objects.filter(kind=UPSERT).update(status=Status.NEEDS_DECISION)
    [invoice] = world.invoices()
    ledger.decide(last(UPSERT), happened=True, actor="Anna")
    settle(until=lambda: world.order_status() == "created")
    assert RecordLink.objects.get(limetype="order").billecta_id == invoice["ActionPublicId"]
    assert len(world.effects("invoice.created")) == 1


def test_an_attest_that_was_not_taken_can_be_cancelled(webhooks, draft, settle):
    RetryPolicy.objects.filter(error_code="rate_limited").update(first_delay_seconds=2)
    webhooks.billecta.control("POST", "faults", {"operation": "attest_invoice", "kind": "rate_limit", "seconds": 3, "times": 1})
    batch = batches.start(ATTEST, CommandRequest((webhooks.ids["order"],)), asker=batches.Asker("Anna"))
    work_until_it_waits(ATTEST)
    assert batches.cancel(batch, actor="Anna") == 1
    settle()
    assert webhooks.effects("invoice.attested") == []


def test_an_order_that_was_changed_since_it_was_sent_is_not_attested(webhooks, draft, ask, settle):
    order = webhooks.ids["order"]
    change(webhooks, quantity=3)
    ask(ATTEST, order)
    settle()
    assert (webhooks.effects("invoice.attested"), last(ATTEST).error_code) == ([], "guard_refused")
    ask(UPSERT, order)
    ask(ATTEST, order)
    settle(until=lambda: webhooks.order_status() == "sent")
    [invoice] = webhooks.invoices()
    assert invoice["InvoicedAmount"]["Value"] == 9_875_00


def test_a_draft_that_was_deleted_unheard_is_made_anew_by_the_next_send(webhooks, draft, ask, settle):
    webhooks.billecta.control("POST", "faults", {"kind": "webhook_lose"})
    webhooks.delete_draft(draft)
    ask(ATTEST, webhooks.ids["order"])
    settle()
    assert last(ATTEST).error_code == "guard_refused"
    ask(UPSERT, webhooks.ids["order"])
    settle(until=lambda: webhooks.order_status() == "created")
    [invoice] = webhooks.invoices()
    assert invoice["ActionPublicId"] != draft
