"""Searching: each condition finds the one invoice it is about and not the other."""

from typing import Any

import pytest

from integration.sandbox.billecta.handlers.search import CONDITIONS
from tests.sandbox.billecta.api import CREDITOR, DEBTOR, PRODUCT, Api, day
from tests.sandbox.billecta.view_check import MODELS

FOUND: dict[str, Any] = {
    "SearchValue": "1001",
    "Status": ["Closed"],
    "Types": ["InvoiceAction"],
    "RotRut": "ROT",
    "DebtorPublicIds": [DEBTOR],
    "ProductPublicIds": [PRODUCT.upper()],
    "ProductExternalId": "lime-article-1",
    "PeriodDateFrom": "2025-02-01",
    "PeriodDateTo": "2025-01-31",
    "DebtorName": "åkerö",
    "DebtorExternalId": "lime-company-1001",
    "OrgNo": "556036-0793",
    "ProductName": "hyra",
    "ArticleNumber": "HYRA-1",
    "Project": "Norr",
    "CostCenter": "12",
    "InvoiceDateFrom": day(-1),
    "InvoiceDateTo": day(1),
    "DueDateFrom": day(29),
    "DueDateTo": day(31),
    "CreatedDateFrom": day(-1),
    "CreatedDateTo": day(1),
    "AttestedDateFrom": day(-1),
    "AttestedDateTo": day(1),
    "ClosedDateFrom": day(-1),
    "ClosedDateTo": day(1),
}
MISSED: dict[str, Any] = {
    "SearchValue": "100",
    "Status": ["Closed", "WithInvoiceReminder"],
    "Types": ["CreditInvoiceAction"],
    "RotRut": "RUT",
    "DebtorPublicIds": [PRODUCT],
    "ProductPublicIds": [DEBTOR],
    "ProductExternalId": "other",
    "PeriodDateFrom": "2025-03-01",
    "PeriodDateTo": "2024-12-31",
    "DebtorName": "någon annan",
    "DebtorExternalId": "other",
    "OrgNo": "other",
    "ProductName": "el",
    "ArticleNumber": "HYRA",
    "Project": "nor",
    "CostCenter": "1",
    **{f"{name}From": day(100) for name in ("InvoiceDate", "DueDate", "CreatedDate", "AttestedDate", "ClosedDate")},
    **{f"{name}To": day(-100) for name in ("InvoiceDate", "DueDate", "CreatedDate", "AttestedDate", "ClosedDate")},
}


@pytest.fixture
def closed(api: Api) -> str:
    """A closed invoice with a ROT row."""
    action = api.draft()
    records = api.invoice(action)["Records"]
    records[0] |= {"RotRutActivated": True, "RotRutType": 1}
    action = api.attested(Records=records)
    api.control(action, "pay")
    return action


def _search(api: Api, **conditions: Any) -> list[str]:
    result = api.ok("search_actions", {"CreditorPublicId": CREDITOR, **conditions})
    return [row["ActionPublicId"] for row in result["InvoiceActions"]]


def test_the_table_of_conditions_is_complete() -> None:
    others = {"CreditorPublicId", "SearchOnAllCreditors"}
    assert set(CONDITIONS) == set(MODELS["models"]["SearchView"]) - others == set(FOUND) == set(MISSED)


@pytest.mark.parametrize("condition", FOUND)
def test_a_condition_finds_and_misses(api: Api, closed: str, condition: str) -> None:
    assert closed in _search(api, **{condition: FOUND[condition]})
    assert closed not in _search(api, **{condition: MISSED[condition]})


def test_conditions_add_up_and_nulls_do_not_count(api: Api, closed: str) -> None:
    assert _search(api, Status=["Open"], SearchValue=None) != [closed]
    assert _search(api, Status=["Closed"], SearchValue="1001", Project=None, Types=[]) == [closed]


def test_a_number_of_another_creditor_is_not_found_unless_asked_for(api: Api, closed: str) -> None:
    other = api.ok("create_creditor", {"Name": "Annan"})["PublicId"]
    assert api.ok("search_actions", {"CreditorPublicId": other, "SearchValue": "1001"})["InvoiceActions"] == []
    everywhere = api.ok("search_actions", {"SearchOnAllCreditors": True, "SearchValue": "1001"})["InvoiceActions"]
    assert [row["ActionPublicId"] for row in everywhere] == [closed]
    assert api.refused("search_actions", {})[0] == 400


def test_the_ocr_number_is_found(api: Api, closed: str) -> None:
    assert _search(api, SearchValue=api.invoice(closed)["Invoices"][0]["OCR"]) == [closed]


def test_closed_lists_go_by_the_closing_day(api: Api, closed: str) -> None:
    def ids(first: int, last: int) -> list[str]:
        rows = api.ok("closed_invoices", creditor=CREDITOR, query={"from": day(first), "to": day(last)})
        return [row["ActionPublicId"] for row in rows]

    assert ids(-1, 1) == [closed]
    assert ids(-9, -3) == []
    assert ids(3, 9) == []
