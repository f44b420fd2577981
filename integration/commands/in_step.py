"""Work of automatic sync: what was changed in Lime is brought to what was sent of it, by the same code as the commands.

Nothing is created, attested or deleted here, but for what an order that was sent newly refers to. What cannot be done is
skipped with its reason and never shows as an error on an order in Lime, since nobody asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integration.commands import creditors, order_drafts
from integration.commands.articles import ARTICLES
from integration.commands.attest_rules import name_maker
from integration.commands.debtors import DEBTORS
from integration.commands.orders import prepare
from integration.commands.per_creditor import must_name
from integration.errors import GuardRefused, RemoteNotFound
from integration.ledger import Kind, Outcome, Skipped, Work, registry
from integration.models import Creditor, Invoice, PortalConfiguration, RecordLink
from integration.models.ledger import Queue
from integration.sync import lime_records, links
from integration.sync.absence import ensure_gone
from integration.sync.in_step import ATTESTED, DRAFT_DELETED, KEPT, NOT_IN_BILLECTA, Kept, look_for
from integration.sync.lime_writes import plan_order
from integration.sync.mirror import mark_deleted
from integration.sync.order_source import OrderSource, Values, creditor_id_of, read_order, with_id
from integration.sync.versions import published

Bring = Callable[[RecordLink, Values], Outcome]
TITLES = {
    "creditor": gettext_lazy("Keep a creditor in step"),
    "debtor": gettext_lazy("Keep a debtor in step"),
    "article": gettext_lazy("Keep an article in step"),
    "order": gettext_lazy("Keep an order in step"),
}
PARTIES: dict[str, Bring] = {"creditor": creditors.bring_in_step, "debtor": DEBTORS.bring_in_step, "article": ARTICLES.bring_in_step}


def register() -> None:
    """Put the work of this module in the ledger's registry."""
    for name, bring in PARTIES.items():
        _add(KEPT[name], partial(keep, KEPT[name], bring), {"billecta": 3, "lime": 2})
    _add(KEPT["order"], keep_order, {"billecta": 3, "lime": 5})


def _add(kept: Kept, execute: Callable[[Work], Outcome], calls: dict[str, int]) -> None:
    title = TITLES[kept.name]
    registry.add_kind(Kind(kept.kind, Queue.OUTBOUND, execute, collapsible=True, from_events=True, calls=calls, title=title))


def keep(kept: Kept, bring: Bring, work: Work) -> Outcome:
    """Bring a creditor, debtor or article that is linked to what Lime says of it now."""
    lime_id = must_name(work.record.lime_id, kept.name)
    if not kept.is_on(PortalConfiguration.current()):
        return _skipped("switched_off", str(kept.off))
    link = links.find(kept.name, lime_id=lime_id, creditor_id=work.record.creditor_id or None)
    if link is None:
        return _skipped("not_in_billecta", str(NOT_IN_BILLECTA))
    _version, spec = published()
    try:
        source = with_id(lime_records.get(spec.limetype(kept.name), lime_id))
    except RemoteNotFound as error:
        return _skipped("gone_in_lime", error.message)
    return bring(link, source)


def keep_order(work: Work) -> Outcome:
    """Bring an order's draft to what Lime says of the order now."""
    kept, lime_id = KEPT["order"], must_name(work.record.lime_id, "order")
    if not kept.is_on(PortalConfiguration.current()):
        return _skipped("switched_off", str(kept.off))
    found = look_for("order", [lime_id])[lime_id]
    if not found.subjects:
        return _skipped("cannot_be_updated", str(found.why_not))
    _version, spec = published()
    try:
        source = read_order(spec, lime_id)
    except RemoteNotFound as error:
        return _skipped("gone_in_lime", error.message)
    link = links.find("order", lime_id=lime_id, creditor_id=creditor_id_of(source))
    if link is None:
        return _skipped("creditor_changed", _("The order has another creditor in Lime than the one it was sent for."))
    return _update(work, source, link)


def _update(work: Work, source: OrderSource, link: RecordLink) -> Outcome:
    order, draft = prepare(work, source)
    name_maker(order, work.record)
    try:
        return order_drafts.update(order, draft, link, Creditor.objects.get(billecta_id=link.creditor_id))
    except RemoteNotFound:
        ensure_gone(link.billecta_id)
        with transaction.atomic():
            mark_deleted(link.billecta_id)
            plan_order(source.lime_id)
        return _skipped("draft_deleted", str(DRAFT_DELETED))
    except GuardRefused:
        if not Invoice.objects.filter(billecta_id=link.billecta_id, attested_at__isnull=False).exists():
            raise
        return _skipped("attested", str(ATTESTED))


def _skipped(code: str, message: str) -> Skipped:
    return Skipped(code, message, _("Nothing to do. The commands of the object do by hand what automatic sync does not."))
