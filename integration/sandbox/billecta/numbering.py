"""The numbers Billecta hands out: ids, invoice numbers and OCR references."""

import secrets
import uuid


def new_guid() -> str:
    """A public id of a creditor, debtor, product, file, payment or event."""
    return str(uuid.uuid4())


def new_action_id() -> str:
    """A public id of an action: ten digits."""
    return str(secrets.randbelow(9 * 10**9) + 10**9)


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` plus itself pass the Luhn test (modulus 10, weights 2 and 1 from the right)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        product = int(digit) * (2 if position % 2 == 0 else 1)
        total += product - 9 if product > 9 else product
    return str(-total % 10)


def ocr_reference(action_id: str, invoice_number: str) -> str:
    """The OCR number a debtor pays with: digits of the action and the invoice number, and a Luhn check digit."""
    digits = action_id[-5:] + "".join(character for character in invoice_number if character.isdigit()).zfill(5)
    return digits + luhn_digit(digits)
