"""Calls about creditors and debtors (reference section 4: creditors, debtors)."""

from __future__ import annotations

from integration.billecta.calls import BillectaCalls, Payload
from integration.billecta.wire import Creditor, Debtor


class CreditorCalls(BillectaCalls):
    """The companies that invoice."""

    def list_creditors(self) -> list[Creditor]:
        """Every creditor that the user may see. `GET /v1/creditors/creditors`, documented."""
        return self._list("list_creditors", Creditor)

    def get_creditor(self, creditor: str) -> Creditor:
        """One creditor by public id. `GET /v1/creditors/creditor/{creditor}`, documented. Raises RemoteNotFound."""
        return self._ask("get_creditor", Creditor.from_wire, what=f"Creditor {creditor}", creditor=creditor)

    def create_creditor(self, payload: Payload) -> str:
        """Makes a creditor of a CreditorView; returns its public id. `POST /v1/creditors/creditor`, documented."""
        return self._create("create_creditor", payload, what="Creditor")

    def update_creditor(self, payload: Payload) -> None:
        """Replaces a whole CreditorView, known by its CreditorPublicId. `PUT /v1/creditors/creditor`, documented."""
        creditor = str(payload["CreditorPublicId"])
        self._do("update_creditor", payload, what=f"Creditor {creditor}", creditor=creditor)


class DebtorCalls(BillectaCalls):
    """The customers of a creditor."""

    def list_debtors(self, creditor: str) -> list[Debtor]:
        """Every debtor of a creditor. `GET /v1/debtors/debtors/{creditor}`, documented; without paging parameters it gives all."""
        return self._list("list_debtors", Debtor, what=f"Creditor {creditor}", creditor=creditor)

    def get_debtor(self, debtor: str) -> Debtor:
        """One debtor by public id. `GET /v1/debtors/debtor/{debtor}`, documented. Raises RemoteNotFound."""
        return self._ask("get_debtor", Debtor.from_wire, what=f"Debtor {debtor}", debtor=debtor)

    def debtor_by_external_id(self, creditor: str, external_id: str) -> Debtor | None:
        """The creditor's debtor with this external id, or None. `GET /v1/debtors/debtorbyexternalid/{creditor}`, documented.

        Raises RemoteRejected (400) when several have it.
        """
        return self._find("debtor_by_external_id", Debtor, params={"externalid": external_id}, creditor=creditor)

    def debtors_by_orgno(self, creditor: str, org_no: str, country_code: str = "SE") -> list[Debtor]:
        """The creditor's debtors with this organisation or personal number. `GET /v1/debtors/debtorsbyorgno/{creditor}`, documented."""
        params = {"orgno": org_no, "countrycode": country_code}
        return self._list("debtors_by_orgno", Debtor, params=params, what=f"Creditor {creditor}", creditor=creditor)

    def create_debtor(self, payload: Payload) -> str:
        """Makes a debtor of a DebtorView with its CreditorPublicId; returns its public id. `POST /v1/debtors/debtor`, documented."""
        creditor = str(payload["CreditorPublicId"])
        return self._create("create_debtor", payload, what=f"Creditor {creditor}", creditor=creditor)

    def update_debtor(self, payload: Payload) -> None:
        """Replaces a whole DebtorView, known by its DebtorPublicId. `PUT /v1/debtors/debtor`, documented."""
        debtor, creditor = str(payload["DebtorPublicId"]), str(payload.get("CreditorPublicId", ""))
        self._do("update_debtor", payload, what=f"Debtor {debtor}", debtor=debtor, creditor=creditor)

    def delete_debtor(self, debtor: str) -> None:
        """Deletes a debtor. `DELETE /v1/debtors/debtor/{debtor}`, documented. Raises RemoteRejected when it is in use."""
        self._do("delete_debtor", what=f"Debtor {debtor}", debtor=debtor)
