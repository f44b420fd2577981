"""Any sequence of payments, matches, faults, lost workers and hands in Billecta: what must hold, judged by the sandbox's own journal.

Every payment is of a sum of its own, so that the journal says of each request how often it took effect.
"""

from __future__ import annotations

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from integration import ledger
from integration.commands.table import table
from integration.ledger import submit
from integration.models import SyncRecord
from tests.flows.machine import ATTEST, UPSERT, UnderFaults, _ask, _empty_portal, _work_to_rest
from tests.flows.world import CREDITOR

REGISTER, MATCH = "register-payments-in-billecta", "match-payments-in-billecta"
REGISTERED_FROM, UNMATCHED_FROM, BY_HAND_FROM = 1_00, 20_00, 50_00


class PaidAtMostOnce(UnderFaults):
    """One attested invoice, one portal, one Billecta."""

    asked_for = (REGISTER, MATCH)
    writes = ("register_payment", "match_payments")
    looks = ("get_invoice", "incoming_payments", "unhandled_payments")
    action = ""

    def __init__(self) -> None:
        super().__init__()
        self.registered = self.by_hand = 0
        self.unmatched: dict[str, int] = {}

    @initialize()
    def begin(self) -> None:
        """Both systems and the portal as on their first day, and an invoice that both know."""
        self.world.reset()
        _empty_portal()
        for command in (UPSERT, ATTEST):
            _ask(command, self.world.ids["order"])
            _work_to_rest()
        [invoice], [in_lime] = self.world.invoices(), self.world.lime_objects("invoice")
        self.action, self.lime_id = str(invoice["ActionPublicId"]), int(in_lime["_id"])

    @rule()
    def register(self) -> None:
        """A sum that no other payment has: 1.00, 1.01, 1.02 … kronor."""
        ore = REGISTERED_FROM + self.registered
        self.registered += 1
        _ask(REGISTER, self.lime_id, amount=f"{ore / 100:.2f}")

    @rule(by_lime_id=st.booleans())
    def match(self, by_lime_id: bool) -> None:
        """Money that came without an invoice, of a sum of its own, is put on it."""
        ore = UNMATCHED_FROM + len(self.unmatched)
        came = self.world.billecta.control("POST", "unmatched-payment", {"creditor": CREDITOR, "amount_ore": ore})
        payment = str(came["UnhandledPaymentPublicId"])
        self.unmatched[payment] = ore
        self._match(payment, f"lime:{self.lime_id}" if by_lime_id else self.action)

    @rule()
    def match_the_first_again(self) -> None:
        for payment in list(self.unmatched)[:1]:
            self._match(payment, self.action)

    def _match(self, payment: str, invoice: str) -> None:
        options = {"matches": [{"unhandled_payment": payment, "invoice": invoice}]}
        for subject in table[MATCH].subjects((), options):
            submit(MATCH, subject, requested_by="somebody")

    @rule()
    def pay_by_bank(self) -> None:
        """The debtor pays meanwhile, by a sum of its own: 50.00, 50.01 … kronor."""
        self.world.pay(self.action, BY_HAND_FROM + self.by_hand)
        self.by_hand += 1

    @rule()
    def decide_truthfully(self) -> None:
        """A person looks in Billecta and says of each payment that waits for a decision whether it happened."""
        booked = self._booked()
        for record in SyncRecord.objects.filter(status="needs_decision", kind__in=self.asked_for):
            ledger.decide(record, happened=booked[self._ore(record)] > 0, actor="somebody")

    @invariant()
    def never_twice(self) -> None:
        if self.action:
            assert not {ore: times for ore, times in self._booked().items() if times > 1}, "a payment was booked twice"

    def teardown(self) -> None:
        """Once the faults are over everything comes to rest, and says of each request what Billecta says of it."""
        if not self.action:
            return
        self.world.billecta.control("DELETE", "faults")
        _work_to_rest()
        self.never_twice()
        booked = self._booked()
        for record in SyncRecord.objects.filter(kind__in=self.asked_for):
            if record.status == "succeeded":
                assert booked[self._ore(record)] == 1, f"{record} says that it paid"
            elif record.status == "failed" and not record.open_writes and record.kind == REGISTER:
                assert booked[self._ore(record)] == 0, f"{record} says that it did not pay: {record.message}"
            else:
                assert record.status in {"needs_decision", "failed", "pending"}, f"{record} did not come to rest"

    def _booked(self) -> Counter[int]:
        return Counter(effect["amount_ore"] for effect in self.world.effects("payment.registered"))

    def _ore(self, record: SyncRecord) -> int:
        if record.kind == MATCH:
            return self.unmatched[record.options["unhandled_payment"]]
        return round(float(record.options["amount"]) * 100)
