"""Who may attest: above an amount in the configuration, someone else than the person who last sent the order.

Doubt refuses: above the amount a request that names no person may not attest, and neither may anyone while it is not known which
person sent the order. An order in another currency than kronor counts as above the amount, whatever it is.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from integration.commands.requesters import Requester, is_person
from integration.errors import GuardRefused, Problem
from integration.ledger import Work
from integration.models import Order, PortalConfiguration, SyncRecord
from integration.money import SEK, ore_to_kronor


def stop_when_same_person(work: Work, order: Order) -> None:
    """Raise GuardRefused when the one who asked for this work may not attest the order, or asked before it was sent as it is now.

    Failed work can be tried again by anyone, the maker too: what a second person asked for holds for the draft as it was then.
    """
    record = work.record
    refusal = _refusal(order, Requester(record.requester, record.requested_by))
    if refusal is not None:
        raise refusal
    limit = PortalConfiguration.current().second_attester_above_ore
    if limit is not None and _is_above(order, limit) and _was_sent_since(order, record):
        raise GuardRefused(
            reason=_("Order %(id)s was sent by %(maker)s after %(asker)s had asked to attest it.")
            % {"id": order.lime_id, "maker": order.created_by or "–", "asker": record.requested_by or "–"},
            remedy=_("Look at the order as it is now, then ask anew to attest it."),
        )


def problems_for(lime_id: int, who: Requester) -> list[Problem]:
    """What stops this requester from attesting the order, for the dry run; nothing for an order that was never sent."""
    order = Order.objects.filter(lime_id=lime_id).first()
    refusal = _refusal(order, who) if order is not None else None
    return [] if refusal is None else [Problem(field="order", code=refusal.code, message=f"{refusal.message} {refusal.remedy}")]


def name_maker(order: Order, record: SyncRecord) -> None:
    """Set on the order, without saving, who sends it now: whoever updates a draft becomes its maker once the update is stored."""
    order.maker, order.created_by = record.requester, record.requested_by


def claim_unknown_maker(order: Order) -> None:
    """The draft says all this already: who sends it again is its maker only where no person is known to be.

    A known maker stays, or he could attest what he made himself once another has pressed send for nothing.
    """
    stored = Order.objects.filter(pk=order.pk).values_list("maker", flat=True).first() or ""
    if is_person(order.maker) and not is_person(stored):
        Order.objects.filter(pk=order.pk).update(maker=order.maker, created_by=order.created_by)


def _refusal(order: Order, who: Requester) -> GuardRefused | None:
    limit = PortalConfiguration.current().second_attester_above_ore
    if limit is None or not _is_above(order, limit):
        return None
    facts = {
        "id": order.lime_id,
        "total": "–" if order.total_ore is None else f"{ore_to_kronor(order.total_ore):.2f} {order.currency}",
        "limit": f"{ore_to_kronor(limit):.2f} {SEK}",
        "asker": who.name or "–",
        "maker": order.created_by or "–",
    }
    if not who.is_person:
        return GuardRefused(
            reason=_("Order %(id)s is %(total)s. Above %(limit)s a person must attest, and “%(asker)s” names none.") % facts,
            remedy=_("Attest it signed in to the portal, or from Lime with the user's id in “requested_by”."),
        )
    if not is_person(order.maker):
        return GuardRefused(
            reason=_("Order %(id)s is %(total)s. Above %(limit)s a second person must attest, but it is not known who sent it.") % facts,
            remedy=_("Send the order again as a person, then let another person attest it."),
        )
    if order.maker == who.identity:
        return GuardRefused(
            reason=_(
                "Order %(id)s is %(total)s and was sent by %(maker)s. Above %(limit)s another person must attest, not %(asker)s as well."
            )
            % facts,
            remedy=_("Let another person attest the order."),
        )
    return None


def _was_sent_since(order: Order, record: SyncRecord) -> bool:
    """Whether the maker's work on the order has ended since this work was asked for."""
    asked_at = record.batch.created_at if record.batch else record.created_at
    ended = SyncRecord.objects.filter(limetype="order", lime_id=order.lime_id, requester=order.maker, finished_at__gt=asked_at)
    return ended.filter(status=SyncRecord.Status.SUCCEEDED).exclude(kind=record.kind).exists()


def _is_above(order: Order, limit: int) -> bool:
    return order.total_ore is None or order.currency != SEK or order.total_ore > limit
