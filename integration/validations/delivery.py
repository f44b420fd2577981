"""Whether the debtor can be reached the way the order says: by e-mail, post, text message, Kivra or e-invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integration.errors import Problem
from integration.mapping.spec import Direction
from integration.validations.record import MappedRecord
from integration.validations.texts import broken_rule

# What each of Billecta's delivery methods needs of the debtor. Kivra finds people and companies by their number; that an e-invoice
# does so too is assumed. Manually needs nothing, and what Avy needs is not known.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "email": ("Email",),
    "mail": ("Address", "ZipCode", "City"),
    "sms": ("Phone",),
    "kivra": ("OrgNo",),
    "einvoice": ("OrgNo",),
}


def check_delivery(order: MappedRecord, debtor: MappedRecord) -> Iterator[Problem]:
    """One problem for each field that the chosen way of delivery needs and the debtor lacks.

    An address of the order's own (`DeliveryAddressOverride`) stands for the debtor's. A field that the mapping does not carry cannot
    be judged; neither can an order that leaves the way of delivery to Billecta.
    """
    method = order.text("DeliveryMethod")
    for name in _NEEDS.get((method or "").casefold(), ()):
        is_mapped = debtor.spec.lime_field(Direction.TO_BILLECTA, "debtor", name) is not None
        if is_mapped and debtor.text(name) is None and order.text(f"DeliveryAddressOverride.{name}") is None:
            yield broken_rule("delivery_lacks", debtor.field(name), method=method, order_field=order.field("DeliveryMethod"))
