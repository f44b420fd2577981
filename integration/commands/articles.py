"""Articles: created and updated as Billecta's products, once per creditor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integration.commands.matching import Candidate
from integration.commands.per_creditor import PerCreditor
from integration.commands.table import Command, add
from integration.models import Article
from integration.sync import product_listing
from integration.sync.lime_links import read_objects_ahead
from integration.sync.mirror import store_article
from integration.sync.systems import billecta
from integration.validations.article import validate_article


def _by_number(creditor_id: str, values: Mapping[str, Any]) -> tuple[str, list[Candidate]]:
    """The products of a creditor with the article number of these values, case as given; none for values without one."""
    number = str(values.get("ArticleNumber") or "")
    found = product_listing.with_number(creditor_id, number) if number else []
    return number, [Candidate(view.product_id, view.external_id) for view in found]


ARTICLES = PerCreditor(
    name="article",
    command="upsert-articles-in-billecta",
    external_field="ProductExternalId",
    id_field="ProductPublicId",
    create_operation="create_product",
    update_operation="update_product",
    validate=validate_article,
    get=lambda product_id: billecta().get_product(product_id),
    create=lambda values: billecta().create_product(values),
    update=lambda values: billecta().update_product(values),
    by_external_id=lambda creditor_id, external: billecta().product_by_external_id(creditor_id, external),
    by_number=_by_number,
    id_of=lambda view: str(view.product_id),
    store=store_article,
    mirror=Article,
)
require = ARTICLES.require


def register() -> None:
    """Put the commands on articles in the table."""
    add(
        Command(
            id=ARTICLES.command,
            limetype="article",
            title=_("Send articles to Billecta"),
            confirmation=_("Create or update the chosen articles (%(count)s) in Billecta?"),
            execute=ARTICLES.execute,
            calls=ARTICLES.calls,
            link=ARTICLES.link,
            read_ahead=read_objects_ahead,
            subjects=ARTICLES.subjects,
            preview=ARTICLES.preview,
        )
    )
