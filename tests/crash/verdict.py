"""What is there in the end, beside what should be: in Billecta by its own journal, in Lime, and in the portal."""

from __future__ import annotations

from dataclasses import dataclass

from integration.models import Invoice, LedgerEntry, Payment, SyncRecord, WebhookEvent
from tests.flows.world import World, ore


@dataclass(frozen=True)
class Count:
    """How many of a thing there should be, and are."""

    what: str
    wanted: int
    there: int


@dataclass(frozen=True)
class Verdict:
    """The counts, and every sentence about something that does not tie."""

    counts: list[Count]
    wrong: list[str]

    @property
    def lost(self) -> int:
        return sum(max(0, count.wanted - count.there) for count in self.counts)

    @property
    def doubled(self) -> int:
        return sum(max(0, count.there - count.wanted) for count in self.counts)

    @property
    def ok(self) -> bool:
        return self.lost == self.doubled == 0 and not self.wrong

    def __str__(self) -> str:
        differing = [f"{count.what}: {count.there} instead of {count.wanted}" for count in self.counts if count.wanted != count.there]
        return "\n".join([*differing, *self.wrong, f"lost = {self.lost}, doubled = {self.doubled}"])


def judge(world: World, orders: int) -> Verdict:
    """The verdict over `orders` orders that were all sent, attested and paid in two payments."""
    return Verdict(_counts(world, orders), [*_untied(world), *_unfinished()])


def _counts(world: World, orders: int) -> list[Count]:
    effects = {
        "debtor.created": 1,
        "product.created": 2,
        "invoice.created": orders,
        "invoice.attested": orders,
        "payment.registered": 2 * orders,
    }
    in_lime = {"invoice": orders, "invoicerow": 2 * orders, "payment": 2 * orders, "creditordebtor": 1, "creditorarticle": 2}
    entries = {LedgerEntry.Kind.INVOICED: orders, LedgerEntry.Kind.PAYMENT: 2 * orders}
    return [
        *(Count(f"{name} in Billecta", wanted, len(world.effects(name))) for name, wanted in effects.items()),
        *(Count(f"{name} in Lime", wanted, len(world.lime_objects(name))) for name, wanted in in_lime.items()),
        *(Count(f"{kind} entries", wanted, LedgerEntry.objects.filter(kind=kind).count()) for kind, wanted in entries.items()),
        Count("entries", sum(entries.values()), LedgerEntry.objects.count()),
        Count("mirrored payments", 2 * orders, Payment.objects.count()),
    ]


def _untied(world: World) -> list[str]:
    """Invoices whose amounts differ between Billecta, the mirror, the entries and Lime."""
    wrong: list[str] = []
    in_lime = {item["billectaid"]: item for item in world.lime_objects("invoice")}
    for invoice in Invoice.objects.all():
        view, shown = world.invoice(invoice.billecta_id), in_lime.get(invoice.billecta_id, {})
        left, paid = view["CurrentAmount"]["Value"], view["PaidAmount"]["Value"]
        entries = sum(LedgerEntry.objects.filter(invoice=invoice).values_list("amount_ore", flat=True))
        amounts = {
            "mirror": (invoice.current_ore, invoice.paid_ore),
            "entries": (entries, paid),
            "Lime": (ore(shown.get("balance") or 0), ore(shown.get("paidamount") or 0)),
        }
        wrong += [
            f"{where} says {found} of {invoice}, Billecta {(left, paid)}" for where, found in amounts.items() if found != (left, paid)
        ]
    return wrong


def _unfinished() -> list[str]:
    ended_well = [SyncRecord.Status.SUCCEEDED, SyncRecord.Status.SKIPPED]
    settled = [WebhookEvent.Status.PROCESSED, WebhookEvent.Status.IGNORED]
    return [
        *(f"{record}: {record.status}, {record.message}" for record in SyncRecord.objects.exclude(status__in=ended_well)),
        *(f"{event}: {event.status}, {event.reason}" for event in WebhookEvent.objects.exclude(status__in=settled)),
    ]
