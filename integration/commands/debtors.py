"""Debtors: created and updated in Billecta, once per creditor."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from integration.commands.per_creditor import PerCreditor
from integration.commands.table import Command, add
from integration.models import Debtor
from integration.sync.lime_links import read_objects_ahead
from integration.sync.mirror import store_debtor
from integration.sync.systems import billecta
from integration.validations.debtor import validate_debtor

DEBTORS = PerCreditor(
    name="debtor",
    command="upsert-debtors-in-billecta",
    external_field="DebtorExternalId",
    id_field="DebtorPublicId",
    create_operation="create_debtor",
    update_operation="update_debtor",
    validate=validate_debtor,
    get=lambda debtor_id: billecta().get_debtor(debtor_id),
    create=lambda values: billecta().create_debtor(values),
    update=lambda values: billecta().update_debtor(values),
    by_external_id=lambda creditor_id, external: billecta().debtor_by_external_id(creditor_id, external),
    id_of=lambda view: str(view.debtor_id),
    store=store_debtor,
    mirror=Debtor,
)
require = DEBTORS.require


def register() -> None:
    """Put the commands on debtors in the table."""
    add(
        Command(
            id=DEBTORS.command,
            limetype="debtor",
            title=_("Send debtors to Billecta"),
            confirmation=_("Create or update the chosen debtors (%(count)s) in Billecta?"),
            execute=DEBTORS.execute,
            calls=DEBTORS.calls,
            link=DEBTORS.link,
            read_ahead=read_objects_ahead,
            subjects=DEBTORS.subjects,
            preview=DEBTORS.preview,
        )
    )
