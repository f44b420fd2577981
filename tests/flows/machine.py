"""Any sequence of commands, faults, lost workers, hands in Billecta and retries: what must hold, judged by the sandbox's own journal.

Every credit and every payment asks for a sum of its own, so that the journal says of each request how often it took effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from integration import ledger
from integration.commands.table import table
from integration.ledger import drain, submit, sweep
from integration.models import PortalConfiguration, RetryPolicy, SyncRecord, TokenBucket
from integration.sync import versions
from tests.flows.world import World

UPSERT, ATTEST = "upsert-orders-in-billecta", "attest-orders-in-billecta"
CANCEL, DELETE, CREDIT = "cancel-orders-in-billecta", "delete-orders-in-billecta", "credit-orders-in-billecta"
STRIKES: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset_after_write"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "perform": True},
    {"kind": "status", "status": 400},
    {"kind": "html", "perform": True},
    {"kind": "invalid_json"},
)
ROUNDS_TO_REST = 60
ORE_OF_A_REQUEST = 1_00


class UnderFaults(RuleBasedStateMachine):
    """One portal and one Billecta whose answers are lost, whose workers die, and whose failures are retried.

    `world` is set by the test that runs it. `asked_for` are the commands that a machine asks for, `writes` and `looks` the calls
    that may be struck; a look has no effect that a fault could perform.
    """

    world: World
    asked_for: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()

    @rule(
        strike=st.sampled_from(STRIKES),
        operation=st.runner().flatmap(lambda machine: st.sampled_from(machine.writes + machine.looks)),
        after=st.integers(0, 2),
        times=st.integers(1, 3),
    )
    def break_something(self, strike: dict[str, Any], operation: str, after: int, times: int) -> None:
        if operation in self.writes or "perform" not in strike:
            self.world.billecta.control("POST", "faults", {**strike, "operation": operation, "after": after, "times": times})

    @rule(rounds=st.integers(1, 4))
    def work(self, rounds: int) -> None:
        for _round in range(rounds):
            _let_time_pass()
            drain(threads=0)

    @rule()
    def lose_a_worker(self) -> None:
        """It claimed work and was never heard of again; its lease runs out."""
        ledger.claim(["outbound"], 1)
        SyncRecord.objects.filter(status="in_flight").update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep()

    @rule()
    def retry_what_failed(self) -> None:
        for record in SyncRecord.objects.filter(status="failed", kind__in=self.asked_for).order_by("pk"):
            ledger.retry(record, actor="somebody")


class AtMostOnce(UnderFaults):
    """Two orders, one portal, one Billecta."""

    asked_for = (UPSERT, ATTEST, CANCEL, DELETE, CREDIT)
    writes = ("create_invoice", "update_invoice", "attest_invoice", "delete_invoice", "credit")
    looks = ("get_invoice", "open_invoices_by_debtor", "closed_invoices_by_debtor")
    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[int] = []
        self.by_hand: list[int] = []

    @initialize(target=orders, came_to=st.sampled_from([(), (UPSERT,), (UPSERT, ATTEST)]))
    def begin(self, came_to: tuple[str, ...]) -> Any:
        """Both systems and the portal as on their first day, with two orders, the first of which has come some way."""
        self.world.reset()
        _empty_portal()
        self.second = self.world.add_order()
        for command in came_to:
            _ask(command, self.world.ids["order"])
            _work_to_rest()
        return self.world.ids["order"]

    @rule(target=orders)
    def know_the_other(self) -> Any:
        return self.second

    @rule(order=orders, command=st.sampled_from([UPSERT, UPSERT, ATTEST, ATTEST, CANCEL, DELETE]))
    def ask(self, order: int, command: str) -> None:
        _ask(command, order)

    @rule(order=orders)
    def ask_for_a_credit(self, order: int) -> None:
        """A sum that no other request asks for: 1.00, 1.01, 1.02 … kronor."""
        ore = ORE_OF_A_REQUEST + len(self.requests)
        self.requests.append(ore)
        _ask(CREDIT, order, amount=f"{ore / 100:.2f}")

    @rule(order=orders)
    def credit_by_hand(self, order: int) -> None:
        """Somebody credits the order's invoice in Billecta, by a sum of its own: 50.00, 50.01 … kronor."""
        ore = 50_00 + len(self.by_hand)
        for invoice in self._attested(order):
            self.by_hand.append(ore)
            self.world.credit(invoice["ActionPublicId"], ore)

    @rule(order=orders)
    def delete_or_attest_by_hand(self, order: int) -> None:
        """Somebody deletes the draft in Billecta, or attests it when its number is even."""
        for invoice in self._of(order):
            if invoice["State"].get("AttestedDate") is None:
                with _undisturbed(self.world):
                    if int(invoice["ActionPublicId"]) % 2:
                        self.world.delete_draft(invoice["ActionPublicId"])
                    else:
                        self.world._call("PUT", f"/v1/invoice/attest/{invoice['ActionPublicId']}")

    @rule()
    def decide_truthfully(self) -> None:
        """A person looks in Billecta and says of each credit that waits for a decision whether it happened."""
        booked = self._credits()
        for record in SyncRecord.objects.filter(status="needs_decision", kind=CREDIT):
            ledger.decide(record, happened=booked[_ore(record)] > 0, actor="somebody")

    @invariant()
    def never_twice(self) -> None:
        if not hasattr(self, "second"):
            return
        assert not {ore: times for ore, times in self._credits().items() if times > 1}, "a credit was booked twice"
        with _undisturbed(self.world):
            live = Counter(invoice["ExternalReference"].rsplit(":", 1)[0] for invoice in self.world.invoices())
        assert not {order: count for order, count in live.items() if count > 1}, "an order has two invoices"

    def teardown(self) -> None:
        """Once the faults are over everything comes to rest, and says of each request what Billecta says of it."""
        if not hasattr(self, "second"):
            return
        self.world.billecta.control("DELETE", "faults")
        _work_to_rest()
        self.never_twice()
        booked = self._credits()
        for record in SyncRecord.objects.filter(kind=CREDIT):
            if record.status == "succeeded":
                assert booked[_ore(record)] == 1, f"{record} says that it credited"
            elif record.status == "failed" and not record.open_writes:
                assert booked[_ore(record)] == 0, f"{record} says that it did not credit: {record.message}"
            else:
                assert record.status in {"needs_decision", "failed", "pending", "skipped"}, f"{record} did not come to rest"

    def _credits(self) -> Counter[int]:
        return Counter(effect["amount_ore"] for effect in self.world.effects("invoice.credited"))

    def _of(self, order: int) -> list[dict[str, Any]]:
        with _undisturbed(self.world):
            return [invoice for invoice in self.world.invoices() if f":order:{order}:" in (invoice["ExternalReference"] or "")]

    def _attested(self, order: int) -> list[dict[str, Any]]:
        return [invoice for invoice in self._of(order) if invoice["CanCreateCreditInvoice"]]


@contextmanager
def _undisturbed(world: World) -> Iterator[None]:
    """What a test or a person does in Billecta is not struck by the faults that are meant for the portal."""
    waiting = [rule for rule in world.billecta.control("GET", "faults") if rule["times"] != 0]
    world.billecta.control("DELETE", "faults")
    try:
        yield
    finally:
        for rule in waiting:
            given = {name: value for name, value in rule.items() if value is not None and name not in {"id", "hits"}}
            world.billecta.control("POST", "faults", given)


def _ask(command: str, order: int, **options: Any) -> None:
    for subject in table[command].subjects([order], options):
        submit(command, subject, requested_by="somebody")


def _ore(record: SyncRecord) -> int:
    return round(float(record.options["amount"]) * 100)


def _let_time_pass() -> None:
    SyncRecord.objects.filter(status__in=SyncRecord.DUE).update(not_before=timezone.now() - timedelta(seconds=1))


def _work_to_rest() -> None:
    for _round in range(ROUNDS_TO_REST):
        _let_time_pass()
        drain(threads=0)
        sweep()
        if not SyncRecord.objects.filter(status__in=[*SyncRecord.DUE, "in_flight"]).exclude(_behind_a_decision()).exists():
            break


def _behind_a_decision() -> Q:
    """Work of a lane in which earlier work waits for a person."""
    lanes = SyncRecord.objects.filter(status="needs_decision").values_list("entity_key", flat=True)
    return Q(entity_key__in=list(lanes))


def _empty_portal() -> None:
    call_command("flush", interactive=False, verbosity=0)
    versions.forget()
    PortalConfiguration.objects.create(pk=1, settle_seconds=0, second_look_seconds=0)
    RetryPolicy.objects.create(error_code="", first_delay_seconds=0, growth=1, give_up_after_hours=24)
    for system in ("billecta", "lime"):
        TokenBucket.objects.create(system=system, rate_per_second=1000, burst=1000, enabled=False)
