"""Every answer carries every property of its view: a walk through all operations with full objects."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.billecta.api import CREDITOR, DEBTOR, OPERATIONS, PRODUCT, Api, day
from tests.sandbox.billecta.view_check import problems

EMPTY = ""
"""The operation answers without a body."""

Walk = Callable[[Api], Any]


def _search(api: Api) -> Any:
    api.attested()
    return api.ok("search_actions", {"CreditorPublicId": CREDITOR})


def _closed(api: Api, operation: str, **ids: Any) -> Any:
    api.control(api.attested(), "pay")
    return api.ok(operation, **ids)


def _open(api: Api, operation: str, **ids: Any) -> Any:
    api.attested()
    return api.ok(operation, **ids)


def _payments(api: Api) -> Any:
    api.control(api.attested(), "pay")
    return api.ok("incoming_payments", {"CreditorPublicId": CREDITOR, "From": day(-2), "To": day(2)})


def _unhandled(api: Api) -> Any:
    api.control(api.attested(), "pay", amount_ore=999_999)
    return api.ok("unhandled_payments", creditor=CREDITOR)


def _match(api: Api) -> Any:
    money = api.sandbox.control("POST", "unmatched-payment", {"creditor": CREDITOR, "amount_ore": 100})
    match = {"UnhandledPaymentPublicId": money["UnhandledPaymentPublicId"], "ActionPublicId": api.attested()}
    return api.ok("match_payments", [match], creditor=CREDITOR)


def _file_object(api: Api) -> Any:
    file_id = api.invoice(api.attested())["Invoices"][0]["InvoiceFile"]["FilePublicId"]
    return api.ok("get_file_object", file=file_id, query={"includedata": "true"})


def _case(api: Api) -> str:
    case: str = api.ok("debt_collection_from_invoice", {"SourcePublicId": api.overdue(), "ReasonDescription": "Obetald"})["PublicId"]
    return case


def _case_of_its_own(api: Api) -> Any:
    entry = {"CreditorPublicId": CREDITOR, "DebtorPublicId": DEBTOR, "Value": {"CurrencyCode": "SEK", "Value": 5000}}
    return api.ok("create_debt_collection", entry)


def _paused_case(api: Api) -> str:
    case = _case(api)
    api.ok("pause_debt_collection", action=case)
    return case


def _paused(api: Api) -> str:
    action = api.attested()
    api.ok("pause", action=action)
    return action


def _disputed(api: Api) -> str:
    action = api.attested()
    api.ok("dispute", action=action)
    return action


def _swish(api: Api) -> str:
    request: str = api.ok("swish_create", action=api.attested(), query={"phone": "0701234567", "message": "Hyra"})["PublicId"]
    return request


def _export(api: Api) -> Any:
    api.attested()
    return api.ok("create_accounting_export", {"CreditorPublicId": CREDITOR, "From": day(-1), "To": day(1)})


def _exports(api: Api) -> Any:
    _export(api)
    return api.ok("list_accounting_exports", creditor=CREDITOR)


SEK = {"CurrencyCode": "SEK", "Value": 1000, "ValueForView": 10.0}
NEW_DEBTOR = {"CreditorPublicId": CREDITOR, "Name": "Ny"}

WALK: dict[str, tuple[str, Walk]] = {
    "authenticate": ("SecureTokenView", lambda api: api.ok("authenticate")),
    "list_creditors": ("CreditorsView", lambda api: api.ok("list_creditors")),
    "list_creditor_subs": ("CreditorSubsView", lambda api: api.ok("list_creditor_subs")),
    "get_creditor": ("CreditorView", lambda api: api.ok("get_creditor", creditor=CREDITOR)),
    "create_creditor": ("CreatedView", lambda api: api.ok("create_creditor", {"Name": "Ny"})),
    "update_creditor": (EMPTY, lambda api: api.ok("update_creditor", {"CreditorPublicId": CREDITOR, "Name": "Ny"})),
    "delete_creditor": (EMPTY, lambda api: api.ok("delete_creditor", creditor=api.ok("create_creditor", {"Name": "Ny"})["PublicId"])),
    "create_debtor": ("CreatedView", lambda api: api.ok("create_debtor", NEW_DEBTOR)),
    "update_debtor": (EMPTY, lambda api: api.ok("update_debtor", {**NEW_DEBTOR, "DebtorPublicId": DEBTOR})),
    "get_debtor": ("DebtorView", lambda api: api.ok("get_debtor", debtor=DEBTOR)),
    "delete_debtor": (EMPTY, lambda api: api.ok("delete_debtor", debtor=DEBTOR)),
    "list_debtors": ("DebtorsView", lambda api: api.ok("list_debtors", creditor=CREDITOR)),
    "debtor_by_external_id": (
        "DebtorView",
        lambda api: api.ok("debtor_by_external_id", creditor=CREDITOR, query={"externalid": "lime-company-1001"}),
    ),
    "debtors_by_orgno": ("DebtorsView", lambda api: api.ok("debtors_by_orgno", creditor=CREDITOR, query={"orgno": "5560360793"})),
    "debtor_events": ("DebtorEventsView", lambda api: api.ok("debtor_events", debtor=DEBTOR)),
    "create_product": ("CreatedView", lambda api: api.ok("create_product", {"CreditorPublicId": CREDITOR, "Description": "Ny"})),
    "update_product": (EMPTY, lambda api: api.ok("update_product", {"ProductPublicId": PRODUCT, "Description": "Ny"})),
    "get_product": ("ProductView", lambda api: api.ok("get_product", product=PRODUCT)),
    "delete_product": (EMPTY, lambda api: api.ok("delete_product", product=PRODUCT)),
    "list_products": ("ProductsView", lambda api: api.ok("list_products", creditor=CREDITOR)),
    "product_by_external_id": (
        "ProductView",
        lambda api: api.ok("product_by_external_id", creditor=CREDITOR, query={"externalid": "lime-article-1"}),
    ),
    "create_invoice": ("CreatedView", lambda api: {"PublicId": api.draft()}),
    "update_invoice": (EMPTY, lambda api: api.ok("update_invoice", {"Message": "Ny"}, action=api.draft())),
    "get_invoice": ("InvoiceActionView", lambda api: api.invoice(api.attested())),
    "attest_invoice": (EMPTY, lambda api: api.ok("attest_invoice", action=api.draft())),
    "delete_invoice": (EMPTY, lambda api: api.ok("delete_invoice", action=api.draft())),
    "open_invoices": ("InvoiceActionSubsView", lambda api: _open(api, "open_invoices", creditor=CREDITOR)),
    "closed_invoices": ("InvoiceActionSubsView", lambda api: _closed(api, "closed_invoices", creditor=CREDITOR)),
    "open_invoices_by_debtor": ("InvoiceActionSubsView", lambda api: _open(api, "open_invoices_by_debtor", debtor=DEBTOR)),
    "closed_invoices_by_debtor": ("InvoiceActionSubsView", lambda api: _closed(api, "closed_invoices_by_debtor", debtor=DEBTOR)),
    "cancel_autogiro": (EMPTY, lambda api: api.ok("cancel_autogiro", action=api.attested())),
    "get_file_object": ("FileView", _file_object),
    "incoming_payments": ("IncomingPaymentsView", _payments),
    "unhandled_payments": ("UnhandledPaymentsView", _unhandled),
    "match_payments": ("PaymentMatchResultsView", _match),
    "outgoing_payments": ("OutgoingPaymentStatusesView", lambda api: api.ok("outgoing_payments", creditor=CREDITOR)),
    "search_actions": ("SearchResultView", _search),
    "get_debt_collection": ("DebtCollectionActionView", lambda api: api.ok("get_debt_collection", action=_case(api))),
    "create_debt_collection": ("CreatedView", _case_of_its_own),
    "debt_collection_from_invoice": ("CreatedView", lambda api: {"PublicId": _case(api)}),
    "pause_debt_collection": (EMPTY, lambda api: api.ok("pause_debt_collection", action=_case(api))),
    "resume_debt_collection": (EMPTY, lambda api: api.ok("resume_debt_collection", action=_paused_case(api))),
    "withdraw_debt_collection": (EMPTY, lambda api: api.ok("withdraw_debt_collection", action=_case(api))),
    "list_accounting_exports": ("AccountingExportsView", _exports),
    "create_accounting_export": ("AccountingExportView", _export),
    "credit": (EMPTY, lambda api: api.ok("credit", {"ActionPublicId": api.attested(), "Value": SEK})),
    "register_payment": (EMPTY, lambda api: api.ok("register_payment", {"ActionPublicId": api.attested(), "Amount": SEK})),
    "remind": (EMPTY, lambda api: api.ok("remind", {"InvoiceActionPublicId": api.overdue(), "ReminderFee": SEK})),
    "resend": (EMPTY, lambda api: api.ok("resend", action=api.attested())),
    "postpone": (EMPTY, lambda api: api.ok("postpone", action=api.attested(), query={"duedate": day(60)})),
    "pause": (EMPTY, lambda api: api.ok("pause", action=api.attested())),
    "resume": (EMPTY, lambda api: api.ok("resume", action=_paused(api))),
    "dispute": (EMPTY, lambda api: api.ok("dispute", action=api.attested())),
    "undispute": (EMPTY, lambda api: api.ok("undispute", action=_disputed(api))),
    "comment": (EMPTY, lambda api: api.ok("comment", {"ActionPublicId": api.attested(), "Comment": "Hej"})),
    "swish_create": ("CreatedView", lambda api: {"PublicId": _swish(api)}),
    "swish_status": ("SwishPaymentStatusView", lambda api: api.ok("swish_status", request=_swish(api))),
}


def test_the_walk_visits_every_operation() -> None:
    assert set(OPERATIONS) - {"get_file"} <= set(WALK), "get_file answers a file: see test_pdf"


@pytest.mark.parametrize("operation", [operation for operation in WALK if operation in OPERATIONS])
def test_an_answer_carries_its_whole_view(api: Api, operation: str) -> None:
    view, walk = WALK[operation]
    answer = walk(api)
    if view == EMPTY:
        assert answer is None
    else:
        assert answer, "an empty answer would prove nothing"
        assert list(problems(view, answer)) == []


def test_a_full_invoice_shows_what_was_asked_for_and_what_became_of_it(api: Api) -> None:
    action = api.overdue()
    api.ok("remind", {"InvoiceActionPublicId": action})
    api.ok("comment", {"ActionPublicId": action, "Comment": "Ringde", "Target": 1})
    api.control(action, "pay", amount_ore=1000)
    api.control(action, "credit", amount_ore=2000)
    invoice = api.invoice(action)
    assert list(problems("InvoiceActionView", invoice)) == []
    assert invoice["ExternalReference"] == "kvittens:order:5001:1"
    assert invoice["Invoices"][0]["Name"] == "Åkerö Handel, ekonomi"
    assert invoice["Invoices"][0]["City"] == "Umeå"
    assert [record["SequenceNo"] for record in invoice["Records"]] == [1, 2]
    assert invoice["Appendixes"][0]["Data"] is None
    assert [event["EventType"] for event in invoice["Events"]] == [
        *["Created", "Attested", "InvoiceDue", "InvoiceSent", "ReminderInvoiceSent", "CommentedByCreditor", "Paid", "Credited"]
    ]


def test_an_attached_file_comes_back_as_it_was_sent(api: Api) -> None:
    file_id = api.invoice(api.draft())["Appendixes"][0]["FilePublicId"]
    assert api.call("get_file", file=file_id).content == b"Hej"


def test_the_sie_file_balances(api: Api) -> None:
    content = api.call("get_file", file=_export(api)["File"]["FilePublicId"]).content.decode("cp437")
    amounts = [line.split()[-1] for line in content.splitlines() if "#TRANS" in line]
    assert amounts == ["3162.50", "-2530.00", "-632.50"]
