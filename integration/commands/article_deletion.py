"""Articles deleted in Billecta, once per creditor; the Lime article stays and is made anew when it is sent again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integration.commands.articles import ARTICLES
from integration.commands.per_creditor import must_name
from integration.commands.table import Command, Options, Preview, add
from integration.errors import CreditorRequired, GuardRefused, KvittensError, Problem, RemoteNotFound, RemoteRejected
from integration.ledger import Done, Nothing, Outcome, Work, log
from integration.mapping.spec import MappingSpec
from integration.models import Creditor, InvoiceRow, Order, OrderRow, RecordLink
from integration.sync.invoices import known_creditor
from integration.sync.lime_links import clear_row, link_row, stored_id
from integration.sync.lime_records import LimeRecord
from integration.sync.mirror import mark_article_deleted
from integration.sync.systems import billecta
from integration.sync.versions import published

DELETE = "delete-articles-in-billecta"
SHOWN = 20
WITHOUT_DRAFT = (Order.Status.CANCELLED, Order.Status.DELETED)


def register() -> None:
    """Put the command in the table."""
    add(
        Command(
            id=DELETE,
            limetype="article",
            title=gettext_lazy("Delete articles in Billecta"),
            confirmation=gettext_lazy(
                "Delete the chosen articles (%(count)s) in Billecta? The articles in Lime stay; sent again they are made anew in Billecta."
            ),
            execute=delete,
            calls={"billecta": 1, "lime": 2},
            subjects=ARTICLES.subjects,
            preview=preview,
            destructive=True,
        )
    )


def delete(work: Work) -> Outcome:
    """Delete one article's product and forget its id, in the portal and on Lime's link row. One that is gone is as wanted.

    Raises GuardRefused while a draft uses it, and when Billecta refuses because an invoice does.
    """
    lime_id, creditor_id = must_name(work.record.lime_id, "article"), work.record.creditor_id
    if not creditor_id:
        raise CreditorRequired(what=f"article {lime_id}")
    _version, spec = published()
    creditor = known_creditor(creditor_id)
    row = link_row(spec, "article", creditor, lime_id)
    product_id = ARTICLES.find(spec, creditor, lime_id, row)
    was_there = bool(product_id) and _delete(product_id)
    _forget(spec, creditor, lime_id, product_id, row)
    if was_there:
        return Done(product_id)
    return Nothing(product_id, {"note": "article_not_in_billecta"})


def _delete(product_id: str) -> bool:
    """Delete the product in Billecta; False when there was none."""
    _stop_when_used(product_id)
    try:
        billecta().delete_product(product_id)
    except RemoteNotFound:
        return False
    except RemoteRejected as error:
        raise GuardRefused(
            reason=_("Billecta does not delete the article: %(detail)s") % {"detail": error.params.get("detail", "")},
            remedy=_("An article that an invoice uses stays in Billecta: make it inactive in Lime and send it instead."),
        ) from error
    return True


def _forget(spec: MappingSpec, creditor: Creditor, lime_id: int, product_id: str, row: LimeRecord | None) -> None:
    """Remove the link before Lime's id, so that link work that waits finds nothing to write."""
    with transaction.atomic():
        links = RecordLink.objects.filter(limetype="article", creditor_id=creditor.billecta_id, lime_id=lime_id)
        if links.delete()[0]:
            log("article.deleted", limetype="article", lime_id=lime_id, billecta_id=product_id, creditor=creditor.billecta_id)
        mark_article_deleted(product_id)
    if row is not None and stored_id(spec, "article", row):
        clear_row(spec, "article", row)


def _stop_when_used(product_id: str) -> None:
    """Raise GuardRefused when an order that is not attested would be booked with this product."""
    used = [str(lime_id) for lime_id in _drafts_with(product_id)]
    if not used:
        return
    shown = ", ".join(used[:SHOWN]) + (" …" if len(used) > SHOWN else "")
    raise GuardRefused(
        reason=_("The article is used by orders that are drafts: %(orders)s.") % {"orders": shown},
        remedy=_("Attest, cancel or delete these orders, or take the article from them and send them again; then delete the article."),
    )


def _drafts_with(product_id: str) -> list[int]:
    """The Lime ids of the orders whose draft uses a product, as sent or as Billecta holds it."""
    rows = InvoiceRow.objects.filter(
        product_id=product_id, invoice__attested_at=None, invoice__deleted_at=None, invoice__order__isnull=False
    )
    sent = OrderRow.objects.filter(article__billecta_id=product_id).exclude(order__status__in=WITHOUT_DRAFT)
    orders = Order.objects.filter(Q(pk__in=rows.values("invoice__order")) | Q(pk__in=sent.values("order")))
    return list(
        orders.exclude(invoices__attested_at__isnull=False).order_by("lime_id").values_list("lime_id", flat=True).distinct()[: SHOWN + 1]
    )


def preview(lime_id: int, options: Options) -> list[Preview]:
    """The call that would delete the product, for each creditor, and what stops it. Nothing is changed anywhere."""
    return [_preview(lime_id, subject.creditor_id) for subject in ARTICLES.subjects([lime_id], options)]


def _preview(lime_id: int, creditor_id: str) -> Preview:
    _version, spec = published()
    endpoint = billecta().endpoint("delete_product")
    product_id, problems = "", list[Problem]()
    try:
        creditor = Creditor.objects.filter(billecta_id=creditor_id).first()
        if creditor is None:
            raise CreditorRequired(what=f"article {lime_id}")
        row = link_row(spec, "article", creditor, lime_id) if creditor.lime_id else None
        product_id = ARTICLES.find(spec, creditor, lime_id, row)
        if product_id:
            _stop_when_used(product_id)
    except KvittensError as error:
        problems = [Problem("article", error.code, error.message)]
    path = endpoint.format({"product": product_id}) if product_id else endpoint.path
    return Preview(lime_id, creditor_id, endpoint.method, path, None, problems)
