"""A small world for flow tests: both sandboxes as processes of their own, a landlord's data, and what they hold in the end."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import requests

from tests.sandbox.process import SandboxProcess

CREDITOR = "0c0c0c0c-1111-4222-8333-444444444444"
LIME_KEY = "sandbox-lime-key"


class World:
    """Billecta and Lime, and one order of two rows: 2 × 4 000 kr at 0 % and 1 × 500 kr at 25 % VAT, 8 625 kr in all."""

    TOTAL_ORE = 8_625_00

    def __init__(self, billecta: SandboxProcess, lime: SandboxProcess) -> None:
        self.billecta, self.lime = billecta, lime
        self.session = requests.Session()
        self.session.trust_env = False
        self.ids: dict[str, int] = {}

    @property
    def lime_url(self) -> str:
        return f"{self.lime.url}/kvittens"

    def reset(self) -> None:
        """Both sandboxes empty, without faults, without limits; the landlord's data anew."""
        for sandbox in (self.billecta, self.lime):
            sandbox.control("POST", "reset")
            sandbox.control("DELETE", "faults")
            sandbox.control("PUT", "limits", {"enabled": False})
        self.billecta.control("PUT", "settings", {"send_delay": 0.05})
        self.billecta.control(
            "POST",
            "seed",
            {
                "creditors": [
                    {"CreditorPublicId": CREDITOR, "Name": "Björkbacken Fastigheter AB", "OrgNo": "556016-0680", "IsEnabled": True}
                ]
            },
        )
        self.ids = self.lime.control("POST", "seed", {"objects": landlord()})["ids"]
        for sandbox in (self.billecta, self.lime):
            sandbox.control("DELETE", "journal")

    def add_order(self, ref: str = "order2") -> int:
        """One more order like the first; returns its Lime id."""
        ids = self.lime.control("POST", "seed", {"objects": order_objects(ref, self.ids)})["ids"]
        self.ids |= ids
        return int(ids[ref])

    # --- what Billecta holds -----------------------------------------------------------------------------------------

    def invoices(self) -> list[dict[str, Any]]:
        """Every invoice that Billecta has, open and closed, as it shows it itself."""
        year = time.strftime("%Y")
        answer = self._billecta("GET", f"/v1/invoice/open/{CREDITOR}") + self._billecta(
            "GET", f"/v1/invoice/closed/{CREDITOR}?from=2020-01-01&to={int(year) + 2}-01-01"
        )
        return [self.invoice(item["ActionPublicId"]) for item in answer]

    def invoice(self, action_id: str) -> dict[str, Any]:
        view: dict[str, Any] = self._billecta("GET", f"/v1/invoice/action/{action_id}")
        return view

    def pay(self, action_id: str, ore: int | None = None) -> None:
        self.billecta.control("POST", f"invoices/{action_id}/pay", {"amount_ore": ore} if ore is not None else {})

    def credit(self, action_id: str, ore: int | None = None) -> None:
        self.billecta.control("POST", f"invoices/{action_id}/credit", {"amount_ore": ore} if ore is not None else {})

    def write_off(self, action_id: str, ore: int | None = None) -> None:
        self.billecta.control("POST", f"invoices/{action_id}/write-off", {"amount_ore": ore} if ore is not None else {})

    def take_back(self, action_id: str) -> None:
        """Undo the latest payment of an invoice."""
        self.billecta.control("POST", f"invoices/{action_id}/take-back")

    def move_payment(self, action_id: str, to: str) -> None:
        """Put the latest payment of an invoice on another, under the same reference."""
        self.billecta.control("POST", f"invoices/{action_id}/move", {"to": to})

    def match(self, action_id: str, unhandled_id: str) -> None:
        """Put money that came without an invoice on one, as a person would in Billecta."""
        matches = [{"UnhandledPaymentPublicId": unhandled_id, "ActionPublicId": action_id}]
        self._call("POST", f"/v1/payments/matchpayments/{CREDITOR}", matches)

    def delete_draft(self, action_id: str) -> None:
        """Delete a draft as a person would in Billecta."""
        self._call("DELETE", f"/v1/invoice/action/{action_id}")

    def effects(self, name: str) -> list[dict[str, Any]]:
        """What really happened in Billecta, by the sandbox's own journal."""
        return [entry for entry in self.billecta.journal("effect") if entry["effect"] == name]

    def webhooks_under_way(self) -> int:
        """How many of Billecta's webhooks were not attempted yet."""
        count: int = self.billecta.control("GET", "webhooks")["under_way"]
        return count

    def wait_for_webhooks(self, seconds: float = 60) -> None:
        """Wait until every webhook was attempted once, so that none of them reaches what comes after."""
        until = time.monotonic() + seconds
        while self.webhooks_under_way():
            assert time.monotonic() < until, "webhooks are still under way"
            time.sleep(0.02)

    def _billecta(self, method: str, path: str) -> Any:
        return self._call(method, path).json()

    def _call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": "Basic c2FuZGJveDpzYW5kYm94"}
        answer = self.session.request(method, self.billecta.url + path, json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        return answer

    # --- what Lime holds ---------------------------------------------------------------------------------------------

    def lime_objects(self, limetype: str) -> list[dict[str, Any]]:
        """All Lime objects of a type, oldest first."""
        answer = self.session.get(
            f"{self.lime_url}/api/v1/limeobject/{limetype}/?_limit=50&_sort=_id", headers={"x-api-key": LIME_KEY}, timeout=60
        )
        answer.raise_for_status()
        found = answer.json().get("_embedded", {}).get("limeobjects", [])
        return sorted(found, key=lambda item: int(item["_id"]))

    def lime_object(self, limetype: str, lime_id: int) -> dict[str, Any]:
        answer = self.session.get(f"{self.lime_url}/api/v1/limeobject/{limetype}/{lime_id}/", headers={"x-api-key": LIME_KEY}, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def order_status(self, ref: str = "order") -> str:
        status: str = self.lime_object("order", self.ids[ref])["billectastatus"]["key"]
        return status


def landlord() -> list[dict[str, Any]]:
    """A creditor, a tenant, two articles and one order."""
    return [
        {
            "limetype": "creditor",
            "ref": "creditor",
            "values": {"name": "Björkbacken Fastigheter AB", "ssnregno": "556016-0680", "billectaid": CREDITOR},
        },
        {
            "limetype": "debtor",
            "ref": "debtor",
            "values": {
                "name": "Anna Andersson",
                "ssnregno": "19121212-1212",
                "email": "anna@example.se",
                "zipcode": "111 22",
                "city": "Stockholm",
                "address": "Gatan 1",
            },
        },
        {
            "limetype": "article",
            "ref": "rent",
            "values": {"articlenumber": "HYRA", "description": "Hyra", "unit": "mån", "price": 4000, "vat": 0, "active": True},
        },
        {
            "limetype": "article",
            "ref": "parking",
            "values": {"articlenumber": "P", "description": "Parkering", "unit": "mån", "price": 500, "vat": 25, "active": True},
        },
        *order_objects("order", {}),
    ]


def order_objects(ref: str, ids: dict[str, int]) -> list[dict[str, Any]]:
    def to(name: str) -> Any:
        return ids.get(name) or {"ref": name}

    today, due = time.strftime("%Y-%m-%d"), time.strftime("%Y-%m-%d", time.localtime(time.time() + 30 * 86400))
    return [
        {
            "limetype": "order",
            "ref": ref,
            "values": {
                "name": f"Hyra {ref}",
                "creditor": to("creditor"),
                "debtor": to("debtor"),
                "invoicedate": today,
                "duedate": due,
                "deliverymethod": "email",
                "language": "sv",
            },
        },
        {
            "limetype": "orderrow",
            "ref": f"{ref}-row1",
            "values": {
                "order": {"ref": ref},
                "article": to("rent"),
                "rownumber": 1,
                "articlenumber": "HYRA",
                "description": "Hyra",
                "quantity": 2,
                "unit": "mån",
                "price": 4000,
                "vat": 0,
            },
        },
        {
            "limetype": "orderrow",
            "ref": f"{ref}-row2",
            "values": {
                "order": {"ref": ref},
                "article": to("parking"),
                "rownumber": 2,
                "articlenumber": "P",
                "description": "Parkering",
                "quantity": 1,
                "unit": "mån",
                "price": 500,
                "vat": 25,
            },
        },
    ]


def ore(value: Any) -> int:
    """Öre of an amount that Lime shows in kronor."""
    return int((Decimal(str(value)) * 100).to_integral_value())
