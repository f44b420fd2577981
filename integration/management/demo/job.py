"""The main job, played: orders sent and attested through the portal's API, then paid, paid in part and credited."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from integration.management.demo.landlord import Ending, Landlord
from integration.management.demo.systems import Billecta, Lime, NotPlayed, Portal, Task

BOOKED_SECONDS = 60.0
NOT_SENT = frozenset({"empty", "notsent", "pending", "error"})
NOT_BOOKED = NOT_SENT | {"created"}
BOOKED = frozenset({"attested", "sent"})
SETTLED = {
    "paid": "A tenant paid order %s.",
    "part-paid": "A tenant paid a part of order %s.",
    "credited": "Order %s was credited in Billecta.",
}
Say = Callable[[str], None]


@dataclass
class Job:
    """One play of the main job. Each step looks at the orders first, so that a play that was cut short can be taken up again.

    `say` tells people what was done; `pause` waits a moment and raises when there is no use in waiting longer.
    """

    landlord: Landlord
    portal: Portal
    lime: Lime
    billecta: Billecta
    say: Say
    pause: Callable[[], None]
    failures: list[str] = field(default_factory=list)

    def play(self) -> list[str]:
        """Play all steps; returns what went wrong with single orders. Raises NotPlayed when a step could not be played at all."""
        self._send()
        self._attest()
        self._settle()
        return self.failures

    def _send(self) -> None:
        orders = self._orders()
        waiting = [order for order in orders.values() if _status(order) in NOT_SENT]
        if waiting:
            self._command("upsert-creditors-in-billecta", {int(order["creditor"]) for order in waiting})
            task = self._command("upsert-orders-in-billecta", [order["_id"] for order in waiting])
            self.say(f"Sent {task.succeeded} orders to Billecta.")

    def _attest(self) -> None:
        wanted = {one.ordernumber for one in self.landlord.endings if one.ends != "draft"}
        orders = [order for number, order in self._orders().items() if number in wanted and _status(order) in NOT_BOOKED]
        if orders:
            task = self._command("attest-orders-in-billecta", [order["_id"] for order in orders])
            self.say(f"Attested {task.succeeded} invoices.")

    def _settle(self) -> None:
        """Let the tenants pay and the landlord credit, in Billecta; how it comes back to Lime is for the portal's workers."""
        endings = [one for one in self.landlord.endings if one.ends in SETTLED]
        orders = self._booked(endings)
        for one in endings:
            order = orders.get(one.ordernumber, {})
            if not self._owes_all(order):
                continue
            if one.ends == "credited":
                self.billecta.credit(order["billectaid"])
            else:
                self.billecta.pay(order["billectaid"], one.ore)
            self.say(SETTLED[one.ends] % one.ordernumber)

    def _command(self, command: str, ids: Iterable[int], **options: object) -> Task:
        task = self.portal.command(command, sorted(ids), **options)
        self.failures += [f"{command}, {failure}" for failure in task.failures]
        return task

    def _orders(self) -> dict[str, dict[str, Any]]:
        """The landlord's orders as Lime holds them, by order number; one that a person deleted is missing."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.landlord.endings:
            rows = self.lime.objects("order", "ordernumber", one.ordernumber)
            found.update({row["ordernumber"]: row for row in rows if row["ordernumber"] == one.ordernumber})
        return found

    def _booked(self, endings: list[Ending]) -> dict[str, dict[str, Any]]:
        """The orders once Lime shows all of these as attested or further. Raises NotPlayed when it does not in time."""
        until = time.monotonic() + BOOKED_SECONDS
        while True:
            orders = self._orders()
            late = [one.ordernumber for one in endings if _status(orders.get(one.ordernumber, {})) in NOT_BOOKED - {"error"}]
            if not late:
                return orders
            if time.monotonic() > until:
                raise NotPlayed(f"Lime does not show order {', '.join(late)} as attested after {BOOKED_SECONDS:.0f} s")
            self.pause()

    def _owes_all(self, order: dict[str, Any]) -> bool:
        """Whether the order is booked and no money has moved on its invoice yet."""
        if _status(order) not in BOOKED:
            return False
        invoices = self.lime.objects("invoice", "billectaid", order["billectaid"])
        return all(not invoice["paidamount"] and not invoice["creditedamount"] for invoice in invoices)


def _status(order: dict[str, Any]) -> str:
    return str(order.get("billectastatus", {}).get("key", ""))
