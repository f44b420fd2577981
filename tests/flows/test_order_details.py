"""What an order can hold, from Lime's fields to Billecta's draft and back: discounts, fees, VAT the other way round, deductions, files."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

import pytest
from django.core.management import call_command

from integration.errors import TotalsDiffer
from integration.mapping.spec import MappingSpec, default_mapping
from integration.models import Invoice, InvoiceRow, Order, PortalConfiguration, SyncAttempt, SyncRecord
from integration.sync import lime_schema, versions
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import CREDITOR, LIME_KEY, World, ore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.flow]
BOOKED = {"attested", "sent"}
PDF = b"%PDF-1.4 " + bytes(range(256)) * 40


def change(world: World, limetype: str, ref: str, **values: Any) -> None:
    """Change an object as a person would in Lime."""
    world.lime.control("PUT", f"objects/{limetype}/{world.ids[ref]}", values)


def add_row(world: World, ref: str, **values: Any) -> None:
    row = {"order": world.ids["order"], **values}
    world.ids |= world.lime.control("POST", "seed", {"objects": [{"limetype": "orderrow", "ref": ref, "values": row}]})["ids"]


def problems(order: int) -> dict[str, str]:
    """Why the order's last work was refused, by field."""
    record = SyncRecord.objects.filter(kind=UPSERT, lime_id=order).latest("pk")
    assert record.error_code == "validation_failed", record.message
    return {problem["field"]: problem["code"] for problem in record.error_params["problems"]}


@pytest.fixture
def draft(world, ask, settle):
    """Sends the order and returns its draft as Billecta shows it."""

    def draft() -> dict[str, Any]:
        ask(UPSERT, world.ids["order"])
        settle()
        [invoice] = world.invoices()
        return dict(invoice)

    return draft


def test_all_that_an_order_can_hold_comes_to_billecta_and_home_again(webhooks, draft, ask, settle):
    world = webhooks
    billecta_creditor = world._billecta("GET", f"/v1/creditors/creditor/{CREDITOR}")
    world._call("PUT", "/v1/creditors/creditor", {**billecta_creditor, "UseCentRounding": True})
    change(world, "order", "order", vatincluded=True, invoicefee=29, freightfee=59.5, language="en", deliverymethod="manually")
    change(world, "orderrow", "order-row1", discount=12.5, costcenter="100", project="P7", periodstart="2026-03-01", periodend="2026-03-31")
    change(world, "orderrow", "order-row2", discountamount=49.9, vat=12, quantity=3)
    add_row(world, "note", rownumber=3, rowtype="message", description="Tack för att ni hyr av oss")
    add_row(world, "pack", rownumber=4, rowtype="package", description="Städpaket", quantity=1, price=99.99, vat=25)
    invoice = draft()
    first, second, note, pack = invoice["Records"]
    assert (first["DiscountType"], first["DiscountPercentage"], first["CostCenter"], first["Project"]) == ("Percentage", 12.5, "100", "P7")
    assert (first["PeriodStart"][:10], first["PeriodEnd"][:10]) == ("2026-03-01", "2026-03-31")
    assert (second["DiscountType"], second["DiscountAmount"]["Value"]) == ("Amount", 49_90)
    assert [note["RecordType"], pack["RecordType"]] == ["Message", "Package"]
    assert (invoice["DeliveryMethod"], invoice["CommunicationLanguage"]) == ("Manually", "EN")
    exact = 7_000_00 + (1_500_00 - 49_90) + 99_99 + 29_00 + 59_50
    assert (invoice["InvoicedAmount"]["Value"], invoice["CentRoundingAmount"]["Value"]) == (8_639_00, 8_639_00 - exact)
    ask(ATTEST, world.ids["order"])
    settle(until=lambda: world.order_status() in BOOKED)
    [lime_invoice] = world.lime_objects("invoice")
    assert (ore(lime_invoice["amount"]), ore(lime_invoice["vatamount"])) == (8_639_00, invoice["TotalVATAmount"]["Value"])
    assert [ore(row["totalincvat"]) for row in world.lime_objects("invoicerow")] == [7_000_00, 1_450_10, 0, 99_99]
    mirrored = Invoice.objects.get(billecta_id=invoice["ActionPublicId"])
    assert (mirrored.invoiced_ore, mirrored.rounding_ore) == (8_639_00, 8_639_00 - exact)
    assert list(InvoiceRow.objects.order_by("sequence").values_list("gross_ore", flat=True)) == [7_000_00, 1_450_10, 0, 99_99]
    assert Order.objects.get().total_ore == exact


def test_what_is_emptied_in_lime_does_not_stay_on_the_draft(world, draft, ask, settle):
    change(world, "orderrow", "order-row1", discount=50)
    change(world, "orderrow", "order-row2", rowtype="message", price=0)
    assert draft()["InvoicedAmount"]["Value"] == 4_000_00
    change(world, "orderrow", "order-row1", discount=0)
    change(world, "orderrow", "order-row2", rowtype=None, price=500)
    invoice = draft()
    assert invoice["InvoicedAmount"]["Value"] == World.TOTAL_ORE
    assert [(row["RecordType"], row["DiscountType"]) for row in invoice["Records"]] == [("Standard", "Amount")] * 2
    ask(ATTEST, world.ids["order"])
    settle(until=lambda: world.order_status() in BOOKED)


def test_reverse_vat_goes_out_with_the_debtors_number_and_without_vat(world, draft):
    change(world, "order", "order", reversevat=True, invoicefee=29)
    ids = world.ids
    assert draft_is_refused(world, draft) == {
        f"debtor[{ids['debtor']}].vatnumber": "reverse_vat_without_number",
        f"orderrow[{ids['order-row2']}].vat": "reverse_vat_with_vat",
    }
    change(world, "debtor", "debtor", vatnumber="SE556016068001")
    change(world, "orderrow", "order-row2", vat=0)
    invoice = draft()
    assert invoice["ReverseVATDetails"] == {"ReverseVATActivated": True, "ReceiverVATNumber": "SE556016068001"}
    assert (invoice["InvoicedAmount"]["Value"], invoice["TotalVATAmount"]["Value"]) == (8_529_00, 0)


def draft_is_refused(world: World, draft) -> dict[str, str]:
    """Sends the order, which is refused before anything is sent; why, by field."""
    with pytest.raises(ValueError, match="not enough values"):
        draft()
    assert world.effects("invoice.created") == []
    return problems(world.ids["order"])


def test_a_deduction_is_asked_for_by_the_debtor_and_gone_when_it_is_taken_back(world, draft, ask, settle):
    rut = {"rotrut": True, "rotruttype": "cleaning", "rotruthours": 2, "rotrutamount": 300}
    change(world, "orderrow", "order-row2", **rut)
    invoice = draft()
    [customer] = invoice["RotRutDetails"]["Customers"]
    assert (customer["Name"], customer["SSN"], customer["AskedAmount"]["Value"]) == ("Anna Andersson", "19121212-1212", 300_00)
    assert invoice["RotRutDeductionAmount"]["Value"] == 300_00
    change(world, "orderrow", "order-row2", rotrut=False, rotrutamount=0)
    invoice = draft()
    assert (invoice["RotRutDetails"], invoice["RotRutDeductionAmount"]["Value"]) == (None, 0)
    change(world, "orderrow", "order-row2", **rut)
    draft()
    ask(ATTEST, world.ids["order"])
    settle(until=lambda: world.order_status() in BOOKED)
    mirrored = Invoice.objects.get()
    assert (mirrored.invoiced_ore, mirrored.current_ore) == (World.TOTAL_ORE, World.TOTAL_ORE - 300_00)


def test_an_order_in_euro_is_sent_and_compared_in_euro(world, draft, ask, settle):
    change(world, "order", "order", currency="eur", invoicefee=10)
    invoice = draft()
    assert {row["UnitPrice"]["CurrencyCode"] for row in invoice["Records"]} | {invoice["InvoiceFee"]["CurrencyCode"]} == {"EUR"}
    assert (Order.objects.get().currency, invoice["InvoicedAmount"]["CurrencyCode"]) == ("EUR", "EUR")
    Order.objects.update(currency="SEK")
    ask(ATTEST, world.ids["order"])
    settle()
    assert SyncRecord.objects.filter(kind=ATTEST).latest("pk").error_code == TotalsDiffer.code
    Order.objects.update(currency="EUR")
    ask(ATTEST, world.ids["order"])
    settle(until=lambda: world.order_status() in BOOKED)


# --- files ---------------------------------------------------------------------------------------------------------------


def upload(world: World, name: str, content: bytes, content_type: str = "application/pdf") -> int:
    """Put a file into Lime, as a person would; its id."""
    headers = {"x-api-key": LIME_KEY, "Content-Type": content_type, "Content-Disposition": f'attachment; filename="{name}"'}
    answer = world.session.post(f"{world.lime_url}/api/v1/file/", data=content, headers=headers, timeout=10)
    answer.raise_for_status()
    return int(answer.json()["id"])


def attached(world: World, invoice: dict[str, Any]) -> list[tuple[str, bytes]]:
    """The names and contents of the files that Billecta would send with the invoice."""
    files = [attachment["File"] for attachment in invoice["Attachments"] or []]
    shown = [world._billecta("GET", f"/v1/files/fileobject/{file['FilePublicId']}?includedata=true") for file in files]
    return [(file["FileName"], base64.b64decode(file["Data"])) for file in shown]


def test_a_file_in_lime_goes_with_the_invoice_once(world, draft, ask, settle):
    change(world, "order", "order", attachment=upload(world, "avtal.pdf", PDF))
    invoice = draft()
    assert attached(world, invoice) == [("avtal.pdf", PDF)]
    world.lime.control("DELETE", "journal")
    world.billecta.control("DELETE", "journal")
    draft()
    calls = Counter(call["operation"] for call in world.lime.journal("call"))
    assert (calls["get_file"], calls["get_file_contents"]) == (1, 0)
    assert world.effects("invoice.updated") == []
    ask(ATTEST, world.ids["order"], send_date="2027-01-31")
    settle(until=lambda: world.order_status() in BOOKED)
    [invoice] = world.invoices()
    assert attached(world, invoice) == [("avtal.pdf", PDF)]


def test_an_update_replaces_the_files_and_a_cleared_field_removes_them(world, draft):
    change(world, "order", "order", attachment=upload(world, "avtal.pdf", PDF))
    draft()
    change(world, "orderrow", "order-row2", quantity=2)
    assert attached(world, draft()) == [("avtal.pdf", PDF)]
    change(world, "order", "order", attachment=upload(world, "nytt avtal.txt", b"hej", "text/plain"))
    assert attached(world, draft()) == [("nytt avtal.txt", b"hej")]
    change(world, "order", "order", attachment=None)
    assert attached(world, draft()) == []


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_lost_answer_attaches_nothing_twice(world, ask, settle, takes_effect):
    change(world, "order", "order", attachment=upload(world, "avtal.pdf", PDF))
    lost = {"operation": "create_invoice", "kind": "status", "status": 502, "perform": takes_effect, "times": 1}
    world.billecta.control("POST", "faults", lost)
    ask(UPSERT, world.ids["order"])
    settle(40, until=lambda: world.order_status() == "created")
    [invoice] = world.invoices()
    assert attached(world, invoice) == [("avtal.pdf", PDF)]


@pytest.mark.parametrize("takes_effect", [True, False])
def test_an_update_whose_answer_was_lost_is_repeated_and_attaches_nothing_twice(world, draft, ask, settle, takes_effect):
    draft()
    change(world, "order", "order", attachment=upload(world, "avtal.pdf", PDF))
    lost = {"operation": "update_invoice", "kind": "status", "status": 502, "perform": takes_effect, "times": 3}
    world.billecta.control("POST", "faults", lost)
    assert attached(world, draft()) == [("avtal.pdf", PDF)]
    assert SyncRecord.objects.filter(kind=UPSERT).latest("pk").status == "succeeded"


def test_a_large_file_is_sent_whole_and_recorded_by_its_size(world, draft):
    large = PDF * 900
    assert 9_000_000 < len(large) < 10_000_000
    change(world, "order", "order", attachment=upload(world, "ritning.pdf", large))
    assert attached(world, draft()) == [("ritning.pdf", large)]
    kept = json.dumps(list(SyncAttempt.objects.values_list("exchanges", flat=True)))
    assert f"<application/pdf, {len(large)} bytes>" in kept
    assert len(kept) < 200_000


def test_a_file_that_lime_cannot_give_just_now_is_fetched_again_and_nothing_is_sent_twice(world, ask, settle):
    change(world, "order", "order", attachment=upload(world, "avtal.pdf", PDF))
    world.lime.control("POST", "faults", {"operation": "get_file_contents", "kind": "status", "status": 503, "times": 3})
    ask(UPSERT, world.ids["order"])
    settle(40, until=lambda: world.order_status() == "created")
    [invoice] = world.invoices()
    assert (attached(world, invoice), len(world.effects("invoice.created"))) == ([("avtal.pdf", PDF)], 1)
    assert SyncRecord.objects.get(kind=UPSERT).open_writes == {}


def test_files_that_cannot_be_sent_are_told_of_with_all_else_before_anything_is_sent(world, draft):
    PortalConfiguration.objects.update(attachments_limit_mb=1)
    change(world, "order", "order", attachment=upload(world, "stor.pdf", b"x" * 1_000_001), freightfee=-1)
    assert draft_is_refused(world, draft) == {"attachment": "attachments_too_large", "freightfee": "negative"}
    assert "1.0 MB" in SyncRecord.objects.filter(kind=UPSERT).latest("pk").message
    assert "get_file_contents" not in {call["operation"] for call in world.lime.journal("call")}
    change(world, "order", "order", attachment=upload(world, "borta.pdf", PDF), freightfee=0)
    world.lime.control("POST", "faults", {"operation": "get_file", "kind": "status", "status": 404, "times": 1})
    assert draft_is_refused(world, draft) == {"attachment": "attachment_missing"}
    change(world, "order", "order", attachment=upload(world, "tom.pdf", b""))
    assert draft_is_refused(world, draft) == {"attachment": "attachment_empty"}


def test_no_record_log_or_dry_run_holds_a_file(world, draft, capsys):
    secret = b'{"hemligt": "avtal med hyresgasten"}' * 30
    change(world, "order", "order", attachment=upload(world, "avtal.json", secret, "application/json"))
    call_command("run_command", UPSERT, str(world.ids["order"]), "--dry-run")
    [shown] = json.loads(capsys.readouterr().out)
    assert shown["payload"]["Attachments"][0]["File"] == {"FileName": "avtal.json", "ContentType": "application/json"}
    invoice = draft()
    assert attached(world, invoice) == [("avtal.json", secret)]
    kept = json.dumps([list(SyncAttempt.objects.values_list("exchanges", flat=True)), list(Invoice.objects.values_list("view", flat=True))])
    assert "avtal.json" in kept
    assert "hyresgasten" not in kept
    assert base64.b64encode(secret).decode()[:40] not in kept
    assert f"<{len(base64.b64encode(secret)) * 3 // 4} bytes>" in kept


def test_documents_marked_for_it_go_along(world, draft):
    data = default_mapping().to_dict()
    data["limetypes"]["document"] = "document"
    data["links"]["document"] = {"order": "order", "file": "document", "send": "sendwithinvoice"}
    versions.publish(MappingSpec.from_dict(data), note="documents")
    versions.forget()
    lime_schema.forget()
    for name, wanted in (("bilaga.pdf", True), ("internt.pdf", False)):
        values = {"comment": name, "document": upload(world, name, PDF), "order": world.ids["order"], "sendwithinvoice": wanted}
        world.lime.control("POST", "seed", {"objects": [{"limetype": "document", "ref": name, "values": values}]})
    change(world, "order", "order", attachment=upload(world, "avtal.pdf", PDF))
    assert [name for name, _content in attached(world, draft())] == ["avtal.pdf", "bilaga.pdf"]
