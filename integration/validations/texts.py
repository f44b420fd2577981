"""What a broken business rule says: one text per code, naming the field, its value and what to do, translatable."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integration.errors import Problem

TEXTS: Mapping[str, Promise] = {
    # formats
    "invalid_identity_number": _(
        "%(field)s is “%(value)s”, which is no organisation, personal or coordination number: "
        "check the digits, the last of which is a check digit."
    ),
    "invalid_zip": _("%(field)s is “%(value)s”, which is not a Swedish postcode. Enter five digits such as 123 45 or another country."),
    "invalid_country": _("%(field)s is “%(value)s”, which is not a country. Enter its two-letter ISO code such as SE."),
    "invalid_email": _("%(field)s is “%(value)s”, which is not an e-mail address. Correct it or clear the field."),
    "invalid_vat_number": _("%(field)s is “%(value)s”, which is not a VAT number. Enter it with its country, such as SE556016068001."),
    "vat_rate_not_allowed": _("%(field)s is %(value)s %%, which is no VAT rate in Sweden. Choose one of: %(allowed)s."),
    "negative": _("%(field)s is %(value)s, but cannot be less than zero. Correct it."),
    "too_large": _("%(field)s is %(value)s, which is beyond %(limit)s and so surely a mistake. Correct it."),
    "invalid_account": _("%(field)s is %(value)s, which is not an account of four digits. Enter one from 1000 to 9999."),
    # orders
    "debtor_missing": _("%(field)s is empty: the order has no debtor to invoice. Choose one."),
    "creditor_missing": _("%(field)s is empty: the order has no creditor that invoices. Choose one."),
    "other_creditor": _("%(field)s is %(value)s, but the order belongs to creditor %(expected)s. Keep one creditor throughout."),
    "other_debtor": _("%(field)s is %(value)s, but the debtor given is %(expected)s. Choose one debtor for the order."),
    "other_order": _("%(field)s is %(value)s, but the row is sent with order %(expected)s. Move the row or leave it out."),
    "no_rows": _("%(field)s: the order has no row to invoice. Add at least one row that is not a message."),
    "due_before_invoice_date": _("%(field)s is %(value)s, which is before the invoice date %(invoice_date)s. Correct one of them."),
    "period_ends_before_start": _("%(field)s is %(value)s, which is before the period's start %(start)s. Correct one of them."),
    "row_number_twice": _("%(field)s is %(value)s, which another row has too. Number the rows differently."),
    "quantity_zero": _("%(field)s is 0: the row invoices nothing. Enter a quantity or make it a message row."),
    "discount_out_of_range": _("%(field)s is %(value)s, but a discount is 0 to 100 per cent. Correct it."),
    "discount_twice": _("%(field)s is %(value)s, but the row has a discount in per cent too (%(percent)s). Keep one of them."),
    "discount_larger_than_row": _(
        "%(field)s is %(value)s, but the row comes to only %(row)s before it. Lower the discount, or correct quantity or price."
    ),
    "discount_on_negative_row": _(
        "%(field)s is %(value)s, but the row comes to %(row)s, from which nothing can be taken off. Clear it and change the price instead."
    ),
    "discount_of_other_type": _("%(field)s is “%(value)s”, but the discount is given in %(given)s. Choose the type that goes with it."),
    "message_with_price": _(
        "%(field)s is %(value)s, but a message row is only text and invoices nothing. Clear it or change the row's type."
    ),
    "both_negative": _(
        "%(field)s is %(value)s and the quantity is %(quantity)s: together they charge the customer. Remove one minus sign or both."
    ),
    "unknown_currency": _("%(field)s is “%(value)s”, which is no currency to invoice in here. Choose one of: %(allowed)s."),
    "delivery_lacks": _(
        "%(field)s is empty, but the order is delivered by “%(method)s” (%(order_field)s). Fill it in or choose another way of delivery."
    ),
    # files
    "attachment_missing": _("%(field)s names file %(value)s, which Lime no longer has. Attach it again or clear the field."),
    "attachment_without_name": _("%(field)s names file %(value)s, which has no name. Rename it in Lime."),
    "attachment_empty": _("%(field)s is the file “%(value)s”, which is empty. Attach it again or clear the field."),
    "attachments_too_large": _(
        "%(field)s is the file “%(value)s”, with which the order's files are %(size)s MB; at most %(limit)s MB are sent. "
        "Leave a file out or make it smaller."
    ),
    # reverse VAT
    "reverse_vat_without_number": _(
        "%(field)s is empty, but the order has reverse VAT (%(order_field)s), which needs the buyer's VAT number. Fill it in."
    ),
    "reverse_vat_with_vat": _(
        "%(field)s is %(value)s %%, but the order has reverse VAT (%(order_field)s). Set it to 0, or let the order have ordinary VAT."
    ),
    "reverse_vat_with_deduction": _(
        "%(field)s asks for ROT/RUT, but the order has reverse VAT (%(order_field)s), which is for companies. Keep one of them."
    ),
    # ROT and RUT
    "deduction_without_person": _(
        "%(field)s is empty, but a row has ROT/RUT, which is deducted for a person. Enter the buyer's personal number."
    ),
    "deduction_for_organisation": _(
        "%(field)s is %(value)s, an organisation number, but only a person gets ROT/RUT. Invoice the person or remove ROT/RUT."
    ),
    "deduction_without_type": _("%(field)s is empty, but the row has ROT/RUT. Choose what kind of work it was."),
    "deduction_without_amount": _("%(field)s is empty, but the row has ROT/RUT. Enter how much of the row is deducted."),
    "deduction_not_activated": _("%(field)s is %(value)s, but the row is not marked as ROT/RUT. Mark it or clear the amount."),
    "deduction_too_large": _(
        "%(field)s is %(value)s, but the work of the row comes to only %(limit)s with VAT. Lower the deduction or correct the row."
    ),
    "rot_without_home": _(
        "%(field)s is empty, but a row has ROT, which is for work on a home. Enter the property, or the association in %(other)s."
    ),
    "invalid_association": _("%(field)s is “%(value)s”, which is no organisation number of a housing association. Correct it or clear it."),
    "order_total_negative": _("%(field)s: the order sums to %(value)s kronor. An invoice cannot be: credit the earlier one instead."),
}


def broken_rule(code: str, field: str, **params: object) -> Problem:
    """A Problem with the text of `code` in the active language; `field` is a parameter of every text."""
    return Problem(field=field, code=code, message=str(TEXTS[code]) % {"field": field, **params})
