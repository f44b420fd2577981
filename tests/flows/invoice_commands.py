"""What each command on an invoice is given in the tests, what must be so before it, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from integration.models import DebtCollectionCase, Invoice
from tests.flows.world import World

Step = Callable[[World, str], object]
LEVELS = {"StartDebtCollectionActionLevel": "DebtCollection", "EndDebtCollectionActionLevel": "Bailiff"}


def nothing(_world: World, _action: str) -> None:
    """No preparation."""


def put(path: str) -> Step:
    """A step that a person takes in Billecta itself."""
    return lambda world, action: world._call("PUT", path.format(action=action))


def pay(world: World, action: str) -> None:
    world.pay(action)


def open_case(world: World, action: str) -> None:
    world._call("POST", "/v1/debtcollection/frominvoice", {"SourcePublicId": action, **LEVELS})


def case_step(name: str) -> Step:
    def step(world: World, action: str) -> None:
        open_case(world, action)
        if name:
            world._call("PUT", f"/v1/debtcollection/{name}/{case_of(world, action)}")

    return step


def case_of(world: World, action: str) -> str:
    """The action id of the invoice's latest case."""
    return str(world.invoice(action)["DebtCollectionActionPublicId"])


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def mirrored() -> Invoice:
    return Invoice.objects.get()


def case() -> DebtCollectionCase:
    return DebtCollectionCase.objects.get()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One command: `effect` is what the sandbox's journal calls it, `call` the operation, `holds` what the mirror shows afterwards.

    `forbidden` puts the invoice in a state in which the command is refused; `forbidding` are options that have it refused instead.
    """

    id: str
    effect: str
    call: str
    holds: Callable[[], bool]
    before: Step = nothing
    forbidden: Step = pay
    forbidding: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    status: str = "sent"
    shown_by_history: bool = False

    @property
    def repeatable(self) -> bool:
        return not self.shown_by_history and self.call != "debt_collection_from_invoice"


def then_paid(step: Step) -> Step:
    def both(world: World, action: str) -> None:
        step(world, action)
        world.pay(action)

    return both


INVOICE_CASES = (
    Case(
        id="resend-invoices-in-billecta",
        effect="invoice.resent",
        call="resend",
        options={"delivery_method": "Mail"},
        path="PUT /v1/invoice/resend/{action}?deliverymethod=Mail",
        holds=lambda: mirrored().delivery_method == "Mail",
        shown_by_history=True,
    ),
    Case(
        id="remind-invoices-in-billecta",
        effect="invoice.reminded",
        call="remind",
        options={"delivery_method": "email", "fee": "60.00", "terms_days": 10},
        path="POST /v1/invoice/sendreminder",
        holds=lambda: mirrored().stage == "ReminderInvoiceSent",
        shown_by_history=True,
    ),
    Case(
        id="postpone-invoices-in-billecta",
        effect="invoice.postponed",
        call="postpone",
        options={"due_date": in_days(20).isoformat()},
        path=f"PUT /v1/invoice/postpone/{{action}}?duedate={in_days(20).isoformat()}",
        holds=lambda: mirrored().due_date == in_days(20),
    ),
    Case(
        id="pause-invoices-in-billecta",
        effect="invoice.paused",
        call="pause",
        path="PUT /v1/invoice/pause/{action}",
        holds=lambda: mirrored().is_paused,
    ),
    Case(
        id="resume-invoices-in-billecta",
        effect="invoice.resumed",
        call="resume",
        before=put("/v1/invoice/pause/{action}"),
        forbidden=then_paid(nothing),
        path="PUT /v1/invoice/resume/{action}",
        holds=lambda: not mirrored().is_paused,
    ),
    Case(
        id="dispute-invoices-in-billecta",
        effect="invoice.disputed",
        call="dispute",
        path="PUT /v1/invoice/dispute/{action}",
        holds=lambda: mirrored().disputed_at is not None,
    ),
    Case(
        id="undispute-invoices-in-billecta",
        effect="invoice.undisputed",
        call="undispute",
        before=put("/v1/invoice/dispute/{action}"),
        path="DELETE /v1/invoice/dispute/{action}",
        holds=lambda: mirrored().disputed_at is None,
    ),
    Case(
        id="comment-invoices-in-billecta",
        effect="invoice.commented",
        call="comment",
        options={"comment": "Ringde om avbetalning", "public": True},
        forbidden=nothing,
        forbidding={"comment": "  "},
        path="POST /v1/invoice/comment",
        holds=lambda: any(event["Content"] == "Ringde om avbetalning" and event["IsPublic"] for event in mirrored().view["Events"]),
        shown_by_history=True,
    ),
)

DEBT_COLLECTION_CASES = (
    Case(
        id="send-invoices-to-debt-collection",
        effect="invoice.sent_to_debt_collection",
        call="debt_collection_from_invoice",
        options={"start_level": "Reminders", "end_level": "bailiff", "reminders": 1, "terms_days": 12, "reason": "Hyra", "eviction": True},
        path="POST /v1/debtcollection/frominvoice",
        holds=lambda: mirrored().debt_collection_at is not None and case().invoice == mirrored(),
        status="debtcollection",
    ),
    Case(
        id="pause-debt-collection",
        effect="debt_collection.paused",
        call="pause_debt_collection",
        before=open_case,
        path="PUT /v1/debtcollection/pause/{case}",
        holds=lambda: case().is_paused,
        status="debtcollection",
    ),
    Case(
        id="resume-debt-collection",
        effect="debt_collection.resumed",
        call="resume_debt_collection",
        before=case_step("pause"),
        path="PUT /v1/debtcollection/resume/{case}",
        holds=lambda: not case().is_paused,
        status="debtcollection",
    ),
    Case(
        id="withdraw-debt-collection",
        effect="debt_collection.withdrawn",
        call="withdraw_debt_collection",
        before=open_case,
        path="PUT /v1/debtcollection/cancel/{case}",
        holds=lambda: case().closed_at is not None and mirrored().debt_collection_at is None,
    ),
)


@contextmanager
def nothing_changes(world: World) -> Iterator[None]:
    """Whatever happens within changes nothing in Billecta, in Lime or here, and asks Billecta for nothing but reading."""
    from integration.models import DebtCollectionCase, Invoice, RecordLink, SyncRecord

    def state() -> list[Any]:
        rows = [list(model.objects.order_by("pk").values()) for model in (Invoice, DebtCollectionCase, RecordLink, SyncRecord)]
        return [*rows, world.lime_objects("invoice"), world.lime_objects("order"), world.billecta.journal("effect")]

    before = state()
    calls = len(world.billecta.journal("call"))
    yield
    assert state() == before
    assert {entry["method"] for entry in world.billecta.journal("call")[calls:]} <= {"GET"}


def prepare(world: World, settle: Callable[..., None], case: Case, action: str) -> None:
    """Bring about what must be so before the command, and have the portal hear of it."""
    case.before(world, action)
    settle()


def fault(world: World, case: Case, kind: str, **more: Any) -> None:
    """Have the sandbox disturb the next call of the command's own kind."""
    world.billecta.control("POST", "faults", {"operation": case.call, "kind": kind, "times": 1, **more})


def calls(world: World, case: Case) -> int:
    """How many calls of the command's own kind reached Billecta."""
    return len([call for call in world.billecta.journal("call") if call["operation"] == case.call])
