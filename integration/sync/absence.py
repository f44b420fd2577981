"""Whether an invoice that Billecta does not show is really gone: a draft can be deleted, a booked invoice cannot."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from integration.errors import RemoteNotFound, RemoteUnavailable
from integration.models import Invoice
from integration.sync.systems import billecta

YEARS_BACK = 10


def ensure_gone(action_id: str) -> Invoice | None:
    """The mirror row of an invoice that was answered with 404, once it is certain that it is gone; None when it was never here.

    One 404 proves nothing: a gateway, a release or rights that were lost for a moment give the same. One more call asks the
    debtor's list of open invoices. Raises RemoteUnavailable when it is attested or still listed.
    """
    invoice = Invoice.objects.filter(billecta_id=action_id).select_related("debtor", "order").first()
    if invoice is None:
        ensure_unknown(action_id)
        return None
    if invoice.attested_at is not None:
        raise _not_shown(action_id, _("it is attested, so it cannot have been deleted"))
    if invoice.debtor is not None and _is_listed(action_id, invoice.debtor.billecta_id):
        raise _not_shown(action_id, _("it is still among the debtor's open invoices"))
    return invoice


def ensure_unknown(action_id: str, debtor_id: str = "") -> None:
    """Make certain that Billecta has no invoice of an id that it answered with 404: asked once more, and among the debtor's invoices.

    Two calls more where the debtor is known. Raises RemoteUnavailable when it is shown or listed after all.
    """
    today = timezone.localdate()
    closed = date(today.year - YEARS_BACK, 1, 1), today + timedelta(days=1)
    if debtor_id and (_is_listed(action_id, debtor_id) or _is_closed(action_id, debtor_id, *closed)):
        raise _not_shown(action_id, _("it is among the debtor's invoices"))
    try:
        billecta().get_invoice(action_id)
    except RemoteNotFound:
        return
    raise _not_shown(action_id, _("it showed it a moment later"))


def _is_closed(action_id: str, debtor_id: str, first: date, last: date) -> bool:
    return any(item.action_id == action_id for item in billecta().closed_invoices_by_debtor(debtor_id, first, last))


def _is_listed(action_id: str, debtor_id: str) -> bool:
    try:
        return any(item.action_id == action_id for item in billecta().open_invoices_by_debtor(debtor_id))
    except RemoteNotFound:
        raise _not_shown(action_id, _("nor does it show the debtor")) from None


def _not_shown(action_id: str, why: str) -> RemoteUnavailable:
    return RemoteUnavailable(system="Billecta", detail=_("it does not show invoice %(id)s, though %(why)s") % {"id": action_id, "why": why})
