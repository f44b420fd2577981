"""Rules for one article before it is sent: price, VAT rate, account and what the mapping requires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integration.errors import Problem
from integration.mapping.engine import to_billecta
from integration.mapping.lime_schema import LimeSchema
from integration.mapping.spec import MappingSpec
from integration.mapping.values import plain_number
from integration.validations.formats import SWEDEN
from integration.validations.record import MappedRecord
from integration.validations.row import check_size, check_vat_rate
from integration.validations.texts import broken_rule

_ACCOUNTS = (
    "BookKeepingAccount",
    "BookKeepingSalesEUAccount",
    "BookKeepingSalesEUVATAccount",
    "BookKeepingSalesNonEUAccount",
    "BookKeepingPurchaseAccount",
    "BookKeepingVATAccount",
    "BookKeepingPurchaseVATAccount",
)


def validate_article(
    article: Mapping[str, object], spec: MappingSpec, *, record: str = "", country: str = SWEDEN, schema: LimeSchema | None = None
) -> list[Problem]:
    """Every problem with an article (normalised Lime values, price in kronor); `country` is the creditor's, for its VAT rates."""
    mapped = MappedRecord(spec, "article", article, record, schema)
    sent = to_billecta(spec, "article", article, record=record, schema=schema)
    return [*sent.problems, *check_size(mapped, "UnitPrice"), *check_vat_rate(mapped, country), *_check_accounts(mapped)]


def _check_accounts(article: MappedRecord) -> Iterator[Problem]:
    """The chart of accounts used in Sweden (BAS) has four digits."""
    for name in _ACCOUNTS:
        number = article.number(name)
        if number is not None and number == number.to_integral_value() and not 1000 <= number <= 9999:
            yield broken_rule("invalid_account", article.field(name), value=plain_number(number))
