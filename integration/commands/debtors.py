"""Debtors: created and updated in Billecta, once per creditor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integration.commands.matching import Candidate, digits_of, same_number
from integration.commands.per_creditor import PerCreditor
from integration.commands.table import Command, add
from integration.errors import GuardRefused
from integration.models import Anonymisation, Debtor
from integration.sync.lime_links import read_objects_ahead
from integration.sync.mirror import store_debtor
from integration.sync.systems import billecta
from integration.validations.debtor import validate_debtor
from integration.validations.formats import SWEDEN


def _by_number(creditor_id: str, values: Mapping[str, Any]) -> tuple[str, list[Candidate]]:
    """The debtors of a creditor with the organisation or personal number of these values; none for values without one."""
    number = str(values.get("OrgNo") or "")
    if not digits_of(number):
        return "", []
    found = billecta().debtors_by_orgno(creditor_id, number, str(values.get("CountryCode") or "") or SWEDEN)
    return number, [Candidate(view.debtor_id, view.external_id) for view in found if same_number(view.org_no, number)]


def _stop_when_anonymised(debtor_id: str) -> None:
    """Raise GuardRefused for a debtor that was anonymised, or is being so: its person must not come back by itself."""
    if Anonymisation.objects.filter(debtor_id=debtor_id).exists():
        raise GuardRefused(
            reason=_("The customer was anonymised in Billecta (%(id)s), so nothing of it is sent there again.") % {"id": debtor_id},
            remedy=_("To invoice it again, make a new customer in Billecta and write its id on the row that links it in Lime; then retry."),
        )


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
    by_number=_by_number,
    id_of=lambda view: str(view.debtor_id),
    store=store_debtor,
    mirror=Debtor,
    stop=_stop_when_anonymised,
)
require = DEBTORS.require


def register() -> None:
    """Put the commands on debtors in the table."""
    add(
        Command(
            id=DEBTORS.command,
            limetype="debtor",
            title=gettext_lazy("Send debtors to Billecta"),
            confirmation=gettext_lazy("Create or update the chosen debtors (%(count)s) in Billecta?"),
            execute=DEBTORS.execute,
            calls=DEBTORS.calls,
            link=DEBTORS.link,
            read_ahead=read_objects_ahead,
            subjects=DEBTORS.subjects,
            preview=DEBTORS.preview,
        )
    )
