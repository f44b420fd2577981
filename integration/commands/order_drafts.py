"""An order as Billecta's draft: composed from Lime, created at most once, updated only before attest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.commands import articles, creditors, debtors
from integration.commands.attest_rules import claim_unknown_maker, name_maker
from integration.commands.linked_orders import adopt, stored_invoice
from integration.errors import AmbiguousMatch, GuardRefused, Problem, RemoteNotFound
from integration.ledger import Done, Nothing, Outcome, WaitFor, Work, write_once
from integration.ledger.work import sent_at
from integration.mapping.engine import changed, content_hash
from integration.mapping.orders import entry_from_view, order_currency, order_entry, updated_entry
from integration.mapping.spec import MappingSpec
from integration.models import (
    Anonymisation,
    Article,
    Creditor,
    Invoice,
    Order,
    OrderRow,
    PortalConfiguration,
    RecordLink,
    SyncRecord,
)
from integration.money import exact_decimal
from integration.sync import links
from integration.sync.absence import ensure_gone
from integration.sync.invoices import fetch_and_store
from integration.sync.lime_schema import lime_schema
from integration.sync.order_files import OrderFile, attachments, with_content
from integration.sync.order_source import OrderSource, creditor_id_of, product_ids
from integration.sync.references import order_reference
from integration.sync.systems import billecta
from integration.validations.attachments import check_attachments
from integration.validations.order import totals_of_order, validate_order
from integration.validations.totals import Totals

CREATE = "create_invoice"
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Draft:
    """What an order should be in Billecta: the InvoiceActionEntryView, our own sums, and the id that Lime holds already."""

    entry: dict[str, Any]
    totals: Totals
    source: OrderSource
    stored_action_id: str
    currency: str

    @property
    def digest(self) -> str:
        """What the draft says, its files by their versions in Lime: their content is not needed to know that one was replaced."""
        files = [file.fingerprint for file in self.files]
        return content_hash({**self.entry, "Attachments": files} if files else self.entry)

    @property
    def files(self) -> tuple[OrderFile, ...]:
        return self.source.files or ()


def problems_of(spec: MappingSpec, source: OrderSource) -> list[Problem]:
    """Everything that stops an order from being sent, its files among it; empty when it may be."""
    problems = validate_order(source.order, source.rows, source.debtor, source.creditor, spec, schema=lime_schema())
    return [*problems, *check_attachments(source.files or (), PortalConfiguration.current().attachments_limit_mb)]


def require_parties(work: Work, source: OrderSource) -> Creditor:
    """The creditor's mirror row, once creditor, debtor and articles are in Billecta. Raises WaitFor while they are not."""
    by = work.record.requested_by
    creditor_id = creditor_id_of(source)
    creditor = Creditor.objects.filter(billecta_id=creditor_id).first() if creditor_id else None
    if creditor is None:
        raise WaitFor([creditors.require(source.creditor_lime_id or 0, requested_by=by)])
    wanted = [("debtor", source.debtor_lime_id or 0, debtors.require)] + [
        ("article", lime_id, articles.require) for lime_id in source.articles
    ]
    missing = [
        require(creditor_id, lime_id, requested_by=by) for name, lime_id, require in wanted if not _is_here(name, creditor_id, lime_id)
    ]
    if missing:
        raise WaitFor(missing)
    return creditor


def _is_here(name: str, creditor_id: str, lime_id: int) -> bool:
    found = RecordLink.objects.filter(limetype=name, creditor_id=creditor_id, lime_id=lime_id)
    return found.exclude(billecta_id__in=Anonymisation.objects.values("debtor_id")).exists()


def compose(spec: MappingSpec, source: OrderSource, creditor: Creditor | None, *, generation: int) -> Draft:
    """The order under the mapping, with the ids and the external reference that the portal adds. Nothing is sent.

    Ids that are not known yet are null; so a dry run can show an order whose debtor has never been sent.
    """
    creditor_id = creditor.billecta_id if creditor else ""
    currency = order_currency(spec, source.order)
    entry = order_entry(spec, source.order, source.rows, debtor=source.debtor, currency=currency, schema=lime_schema()).values
    debtor = links.find("debtor", lime_id=source.debtor_lime_id, creditor_id=creditor_id) if creditor_id and source.debtor_lime_id else None
    products = product_ids(source, creditor_id) if creditor_id else {}
    article_field = spec.link("orderrow", "article") or "article"
    for record, row in zip(entry["Records"], source.rows, strict=True):
        product = products.get(row.get(article_field) or 0)
        if product:
            record["ProductPublicId"] = product
    entry |= {
        "ActionType": "InvoiceAction",
        "CreditorPublicId": creditor_id or None,
        "DebtorPublicId": debtor.billecta_id if debtor else None,
        "ExternalReference": order_reference(source.lime_id, generation),
    }
    if source.files is not None:
        entry["Attachments"] = attachments(source.files)
    totals, _rows = totals_of_order(source.order, source.rows, spec, schema=lime_schema())
    return Draft(entry, totals, source, source.stored_action_id, currency)


def send(work: Work, order: Order, draft: Draft) -> Outcome:
    """Bring the order's draft in Billecta to what `draft` says. Raises GuardRefused once it is attested."""
    name_maker(order, work.record)
    creditor = order.creditor
    assert creditor is not None  # noqa: S101  set by the caller just before
    link = links.find("order", lime_id=order.lime_id, creditor_id=creditor.billecta_id)
    if link is None:
        _adopt(order, draft, creditor)
    if link is not None:
        try:
            return update(order, draft, link, creditor)
        except RemoteNotFound:
            ensure_gone(link.billecta_id)
            draft = _begin_anew(order, draft, link)
    return _create(work, order, draft, creditor)


def _create(work: Work, order: Order, draft: Draft, creditor: Creditor) -> Outcome:
    once = write_once(
        work,
        CREATE,
        system="Billecta",
        look=lambda: _look(work, order),
        write=lambda: billecta().create_invoice(with_content(draft.entry, draft.files)),
        keep=lambda once: _remember(order, draft, once.it, _sent_for(work, creditor), sent=once.is_new),
        sent={"creditor": creditor.billecta_id, "debtor": draft.entry["DebtorPublicId"], "reference": draft.entry["ExternalReference"]},
        look_first=False,
    )
    if once.is_new:
        fetch_and_store(once.it, creditor, source="command")
        return Done(once.it)
    stop_when_creditor_differs(order.lime_id, creditor)
    return update(order, draft, links.get("order", order.lime_id, creditor.billecta_id), creditor)


def _sent_for(work: Work, creditor: Creditor) -> Creditor:
    """The creditor that the draft was sent for: the order may have been given another one since an answer was lost."""
    sent = (work.open_write(CREATE) or {}).get("creditor", creditor.billecta_id)
    return creditor if sent == creditor.billecta_id else Creditor.objects.get(billecta_id=sent)


def stop_when_creditor_differs(lime_id: int, creditor: Creditor) -> None:
    """Raise GuardRefused when the order is in Billecta under another creditor: it would be invoiced twice."""
    other = RecordLink.objects.filter(limetype="order", lime_id=lime_id).exclude(creditor_id=creditor.billecta_id).first()
    if other is None or Invoice.objects.filter(billecta_id=other.billecta_id, deleted_at__isnull=False).exists():
        return
    was = Creditor.objects.filter(billecta_id=other.creditor_id).first()
    raise GuardRefused(
        reason=_("Order %(id)s is in Billecta already as invoice %(invoice)s of creditor %(creditor)s.")
        % {"id": lime_id, "invoice": other.billecta_id, "creditor": was.name if was else other.creditor_id},
        remedy=_(
            "Give the order its creditor back, or delete that draft or credit that invoice and make a new order for the other creditor."
        ),
    )


def _adopt(order: Order, draft: Draft, creditor: Creditor) -> None:
    """Take over the invoice whose id Lime already holds, from the package that this portal replaces, when Billecta knows it.

    Raises LaneMoved once it is taken over, AmbiguousMatch when it is another creditor's.
    """
    view = stored_invoice(draft.stored_action_id, order.lime_id, debtor_id=draft.entry["DebtorPublicId"] or "")
    if view is None:
        return
    if view.creditor_id != creditor.billecta_id:
        raise AmbiguousMatch(
            system="Billecta", what=f"invoice {view.action_id} of order {order.lime_id}", ids=f"{creditor.billecta_id}, {view.creditor_id}"
        )
    adopt(order, view.action_id, creditor)


def update(order: Order, draft: Draft, link: RecordLink, creditor: Creditor) -> Outcome:
    """Bring a draft that is in Billecta to what `draft` says, with no call when that was sent. Raises RemoteNotFound, GuardRefused."""
    mirrored = Invoice.objects.filter(billecta_id=link.billecta_id, deleted_at=None).first()
    if mirrored is not None and link.sent_hash == draft.digest:
        claim_unknown_maker(order)
        return Nothing(link.billecta_id)
    view = billecta().get_invoice(link.billecta_id)
    if view.state.attested is not None:
        fetch_and_store(link.billecta_id, creditor, source="command")
        raise attested_and_locked(order.lime_id)
    merged = updated_entry(view.raw, draft.entry)
    if draft.files or changed(merged, entry_from_view(view.raw)):
        billecta().update_invoice(link.billecta_id, with_content(merged, draft.files))
    _remember(order, draft, link.billecta_id, creditor, sent=True)
    fetch_and_store(link.billecta_id, creditor, source="command")
    return Done(link.billecta_id)


def attested_and_locked(lime_id: int) -> GuardRefused:
    """Why an attested order is not sent again, and what to do instead."""
    return GuardRefused(
        reason=_("Order %(id)s is attested in Billecta and can no longer be changed.") % {"id": lime_id},
        remedy=_("Credit the invoice, wholly or in part, and send a new order for what should be invoiced instead."),
    )


def _begin_anew(order: Order, draft: Draft, link: RecordLink) -> Draft:
    """The draft was deleted in Billecta: what is sent now is a new one, under a reference of its own."""
    with transaction.atomic():
        link.delete()
        order.generation += 1
        order.billecta_id = order.withdrawn = ""
        order.save(update_fields=["generation", "billecta_id", "withdrawn", "updated_at"])
    entry = {**draft.entry, "ExternalReference": order_reference(order.lime_id, order.generation)}
    return replace(draft, entry=entry, stored_action_id="")


def _look(work: Work, order: Order) -> str | None:
    """The invoice that an earlier send made: no listing shows ExternalReference, so candidates are fetched one by one.

    What was sent is looked for as it was sent: the order may have another debtor now.
    """
    entry = work.open_write(CREATE)
    assert entry is not None  # noqa: S101  without an open write nothing is looked for
    since, today = sent_at(entry) - CLOCKS_MAY_DIFFER, timezone.localdate()
    listed = billecta().open_invoices_by_debtor(entry["debtor"]) + billecta().closed_invoices_by_debtor(
        entry["debtor"], timezone.localdate(since), today + timedelta(days=1)
    )
    linked = RecordLink.objects.filter(limetype="order", billecta_id__in=[item.action_id for item in listed]).exclude(lime_id=order.lime_id)
    taken = set(linked.values_list("billecta_id", flat=True))
    candidates = [item.action_id for item in listed if item.action_id not in taken and (item.created is None or item.created >= since)]
    found = [action_id for action_id in candidates if billecta().get_invoice(action_id).external_reference == entry["reference"]]
    if len(found) > 1:
        raise AmbiguousMatch(system="Billecta", what=entry["reference"], ids=", ".join(found))
    return found[0] if found else None


def link_made(record: SyncRecord, action_id: str) -> None:
    """Store that the order of a piece of work is this invoice, as a person says."""
    order = Order.objects.select_related("creditor").get(lime_id=record.lime_id or 0)
    assert order.creditor is not None  # noqa: S101  work that has sent has a creditor
    links.link(
        "order", creditor_id=order.creditor.billecta_id, lime_id=order.lime_id, billecta_id=action_id, origin=RecordLink.Origin.MATCHED
    )
    Order.objects.filter(pk=order.pk).update(billecta_id=action_id)


def _remember(order: Order, draft: Draft, action_id: str, creditor: Creditor, *, sent: bool) -> None:
    """Store the link, our own sums and, when the draft was `sent` as it is, its hash: one that was found may say something else."""
    with transaction.atomic():
        link = links.link(
            "order", creditor_id=creditor.billecta_id, lime_id=order.lime_id, billecta_id=action_id, generation=order.generation
        )
        RecordLink.objects.filter(pk=link.pk).update(sent_hash=draft.digest if sent else "")
        order.billecta_id, order.withdrawn = action_id, ""
        order.net_ore, order.vat_ore = draft.totals.net_ore, draft.totals.vat_ore
        order.total_ore, order.currency = draft.totals.net_ore + draft.totals.vat_ore, draft.currency
        order.save()
        _store_rows(order, draft, creditor)


def _store_rows(order: Order, draft: Draft, creditor: Creditor) -> None:
    found = Article.objects.filter(
        creditor=creditor, billecta_id__in=[record.get("ProductPublicId") or "" for record in draft.entry["Records"]]
    )
    by_id = {article.billecta_id: article for article in found}
    order.rows.all().delete()
    OrderRow.objects.bulk_create(
        [
            OrderRow(
                order=order,
                lime_id=row["_id"],
                sequence=record["SequenceNo"],
                article=by_id.get(record.get("ProductPublicId") or ""),
                description=str(record.get("ArticleDescription") or "")[:500],
                quantity=exact_decimal(record.get("Quantity") or 0),
                unit_price_ore=(record.get("UnitPrice") or {}).get("Value") or 0,
                vat_percent=exact_decimal(record.get("VAT") or 0),
            )
            for record, row in zip(draft.entry["Records"], draft.source.rows, strict=True)
        ]
    )
