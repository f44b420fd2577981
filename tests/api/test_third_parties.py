"""What other systems fetch and ask for: an invoice's PDF, and payment by Swish, each asked of a real sandbox while the caller waits."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from integration.api.keys import make
from integration.commands import swish_at_once
from integration.ledger import drain
from integration.models import (
    Creditor,
    Debtor,
    EventLog,
    Invoice,
    Order,
    PortalConfiguration,
    SwishRequest,
    SyncAttempt,
    SyncRecord,
    TokenBucket,
)
from integration.sync.systems import billecta
from tests.flows.conftest import ask, attested, sandboxes, settle, webhooks, world  # noqa: F401  both systems with a landlord's data
from tests.flows.world import CREDITOR

pytestmark = pytest.mark.django_db(transaction=True)

PACKAGE = "/limepkg-billecta-integration"
PHONE, MESSAGE = "46701234567", "Hyra mars"
SWISH = "request-swish-payments"
NOBODYS = "0d0d0d0d-1111-4222-8333-444444444444"


@pytest.fixture
def third(client_with) -> Any:
    return client_with("third-party")


@pytest.fixture
def foreign(client_with) -> Any:
    """A key that is limited to another creditor."""
    return client_with("third-party", creditors=(Creditor.objects.create(billecta_id=NOBODYS, name="Annat AB"),))


@pytest.fixture
def own(client_with, attested) -> Any:  # noqa: F811
    """A key that is limited to the invoice's creditor."""
    return client_with("third-party", creditors=(Creditor.objects.get(billecta_id=CREDITOR),))


@pytest.fixture
def impatient(settings):
    from integration.sync import systems

    settings.REMOTE_DEADLINE_SECONDS = 1.0
    systems.forget()


def fault(system, kind: str, operation: str, **more) -> None:
    system.control("POST", "faults", {"kind": kind, "operation": operation, **more})


def requested(world) -> list[str]:  # noqa: F811
    """Every Swish request that Billecta made, by its own journal."""
    return [effect["request"] for effect in world.effects("swish.requested")]


def assert_error(answer, status: int, code: str = "") -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, set(body) - {"fields"}) == (status, {"error", "message", "request_id"}), answer.content
    assert body["error"] == (code or body["error"])
    assert body["message"]
    return body


# --- PDF -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lime_id(attested) -> int:  # noqa: F811
    found = Invoice.objects.get(billecta_id=attested).lime_id
    assert found is not None
    return found


@pytest.mark.parametrize("slash", ["/", ""])
@pytest.mark.parametrize("accept", ["application/pdf", "*/*", "application/json"])
def test_a_pdf_is_fetched_under_a_name_that_people_know(third, webhooks, lime_id, slash, accept):  # noqa: F811
    answer = third.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}{slash}", headers={"accept": accept})
    number = Invoice.objects.get().invoice_number
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert answer["Content-Disposition"] == f'inline; filename="faktura-{number}.pdf"'


def test_a_key_sees_the_pdf_of_its_own_creditor_alone(own, foreign, lime_id):
    assert own.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/").status_code == 200
    unseen = assert_error(foreign.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/"), 404)
    unknown = assert_error(foreign.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id + 1}/"), 404)
    assert unseen["message"].replace(str(lime_id), "") == unknown["message"].replace(str(lime_id + 1), "")


def test_an_invoice_of_the_old_package_is_found_by_the_id_that_lime_holds(third, own, foreign, webhooks, attested):  # noqa: F811
    ids = webhooks.lime.control(
        "POST", "seed", {"objects": [{"limetype": "invoice", "ref": "old", "values": {"billectaid": attested, "invoicenumber": "1"}}]}
    )["ids"]
    address = f"{PACKAGE}/fetch-invoice-pdf/{ids['old']}/"
    assert third.get(address).content[:5] == own.get(address).content[:5] == b"%PDF-"
    assert_error(foreign.get(address), 404)


@pytest.fixture
def signed_in(client, django_user_model) -> Any:
    """A client of a person who may see invoices, and more when given more permissions."""

    def signed_in(*permissions: str) -> Any:
        user = django_user_model.objects.create_user("anna", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=["view_invoice", *permissions]))
        client.force_login(user)
        return client

    return signed_in


def test_a_person_sees_the_pdf_of_a_protected_debtor_only_with_the_permission_for_it(signed_in, third, lime_id, webhooks):  # noqa: F811
    address, anna = f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/", signed_in()
    assert anna.get(address).content[:5] == b"%PDF-"
    Debtor.objects.update(protected_identity=True)
    webhooks.billecta.control("DELETE", "journal")
    unseen, unknown = assert_error(anna.get(address), 404), assert_error(anna.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id + 1}/"), 404)
    assert unseen["message"].replace(str(lime_id), "") == unknown["message"].replace(str(lime_id + 1), "")
    assert webhooks.billecta.journal("call") == []
    Invoice.objects.update(file_id="")
    assert_error(anna.get(address), 404)
    assert third.get(address).content[:5] == b"%PDF-"


def test_with_the_permission_a_person_sees_the_pdf_of_a_protected_debtor(signed_in, lime_id):
    Debtor.objects.update(protected_identity=True)
    assert signed_in("view_protected_debtor").get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/").content[:5] == b"%PDF-"


@pytest.mark.parametrize("is_protected", [True, False])
def test_whether_an_unknown_debtor_is_protected_is_asked_of_billecta(signed_in, third, lime_id, webhooks, attested, is_protected):  # noqa: F811
    view = {**billecta().get_debtor(Debtor.objects.get().billecta_id).raw, "ProtectedIdentity": is_protected}
    billecta().update_debtor(view)
    _forget_invoices()
    Order.objects.update(debtor=None)
    Debtor.objects.all().delete()
    anna, address = signed_in(), f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/"
    assert anna.get(address).status_code == (404 if is_protected else 200)
    assert third.get(address).status_code == 200


def test_a_draft_has_no_pdf(third, webhooks, ask, settle):  # noqa: F811
    ask("upsert-orders-in-billecta", webhooks.ids["order"])
    settle(until=lambda: Invoice.objects.exists())
    Invoice.objects.update(lime_id=4711)
    assert_error(third.get(f"{PACKAGE}/fetch-invoice-pdf/4711/"), 404)


@pytest.mark.parametrize("name", ["424242", "0", "-1", "abc", "1e9", "99999999999999999999", "%00", "lime:1"])
def test_what_is_no_invoice_is_not_found(third, world, name):  # noqa: F811
    assert_error(third.get(f"{PACKAGE}/fetch-invoice-pdf/{name}/"), 404)


@pytest.mark.parametrize("kind", ["status", "html", "reset", "rate_limit", "timeout_before_write"])
def test_a_failure_of_billecta_is_a_bad_gateway_that_says_when_to_try_again(third, webhooks, lime_id, impatient, kind):  # noqa: F811
    fault(webhooks.billecta, kind, "get_file", seconds=5)
    answer = third.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/")
    assert_error(answer, 502)
    assert int(answer["Retry-After"]) > 0


def test_credentials_that_billecta_refuses_are_a_bad_gateway_too(third, webhooks, lime_id):  # noqa: F811
    fault(webhooks.billecta, "status", "get_file", status=401)
    answer = third.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/")
    assert_error(answer, 502, "credentials_refused")
    assert "Retry-After" in answer


def test_all_of_it_takes_fifteen_seconds_at_most(third, webhooks, lime_id, monkeypatch):  # noqa: F811
    """Looking up the file and fetching it share one time, whatever each call may take for itself."""
    assert swish_at_once.SECONDS == 15
    monkeypatch.setattr("integration.api.third_party_views.SECONDS", 1.0)
    Invoice.objects.update(file_id="")
    for operation in ("get_invoice", "get_file"):
        fault(webhooks.billecta, "latency", operation, seconds=5)
    began = time.monotonic()
    assert_error(third.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/"), 502, "remote_timeout")
    assert time.monotonic() - began < 5


def test_the_calls_keep_within_the_limit_of_calls(third, webhooks, lime_id, monkeypatch):  # noqa: F811
    monkeypatch.setattr("integration.api.third_party_views.SECONDS", 0.6)
    TokenBucket.objects.filter(system="billecta").update(enabled=True, tokens=0, rate_per_second=0.001, refilled_at=time.time())
    from integration.ledger.throttle import throttle

    throttle.cache_clear()
    webhooks.billecta.control("DELETE", "journal")
    assert_error(third.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/"), 502)
    assert webhooks.billecta.journal("call") == []


def test_the_bytes_are_kept_nowhere(third, webhooks, lime_id):  # noqa: F811
    before = (SyncAttempt.objects.count(), EventLog.objects.count(), SyncRecord.objects.count())
    third.get(f"{PACKAGE}/fetch-invoice-pdf/{lime_id}/")
    assert (SyncAttempt.objects.count(), EventLog.objects.count(), SyncRecord.objects.count()) == before


@pytest.mark.parametrize("path", ["fetch-invoice-pdf/1/", "payments/swish/1"])
def test_a_key_with_the_scope_is_needed(client_with, world, path):  # noqa: F811
    assert_error(APIClient().get(f"{PACKAGE}/{path}"), 401, "unauthorized")
    assert_error(client_with("read", "commands").get(f"{PACKAGE}/{path}"), 403, "forbidden")
    assert_error(client_with("read", "commands").post(f"{PACKAGE}/{path}"), 403, "forbidden")


# --- Swish ---------------------------------------------------------------------------------------------------------------


def post(client: APIClient, name: str, *, phone: str | None = PHONE, message: str | None = MESSAGE, slash: str = ""):
    given = {"phone": phone, "message": message}
    return client.post(
        f"{PACKAGE}/payments/swish/{name}{slash}",
        query_params={key: value for key, value in given.items() if value is not None},
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_request_is_made_and_followed_until_it_is_paid(own, webhooks, attested, settle, slash):  # noqa: F811
    answer = post(own, attested, slash=slash)
    assert (answer.status_code, answer.json()) == (201, {"requestid": requested(webhooks)[0]})
    address = f"{PACKAGE}/payments/swish/{answer.json()['requestid']}{slash}"
    assert own.get(address).json() == {
        "requestid": answer.json()["requestid"],
        "status": "Created",
        "amount": "8625.00",
        "currency": "SEK",
        "paid_date": None,
        "error_code": None,
        "error_message": None,
    }
    webhooks.billecta.control("POST", f"swish/{answer.json()['requestid']}", {"status": "Paid"})
    shown = own.get(address).json()
    assert (shown["status"], shown["paid_date"][:10]) == ("Paid", timezone.localdate().isoformat())
    settle(until=lambda: webhooks.order_status() == "paid")


def test_an_admin_sees_who_asked_and_what_came_of_it(own, webhooks, attested):  # noqa: F811
    post(own, attested)
    record = SyncRecord.objects.get(kind=SWISH)
    assert (record.requested_by, record.status, record.result["request_id"]) == ("test", "succeeded", requested(webhooks)[0])
    assert record.tries.get().exchanges
    assert EventLog.objects.filter(action="swish.requested", sync_record=record).exists()


def test_the_phone_is_kept_nowhere(own, webhooks, attested):  # noqa: F811
    post(own, attested)
    rows = [*SyncRecord.objects.values_list("options", "result"), *SyncAttempt.objects.values_list("exchanges")]
    kept = json.dumps(
        [*rows, *SwishRequest.objects.values_list("phone", "fingerprint"), *EventLog.objects.values_list("detail", "message")]
    )
    assert "701234567" not in kept


def test_an_invoice_may_be_named_by_its_lime_id_and_the_phone_with_a_plus(own, webhooks, lime_id):  # noqa: F811
    assert post(own, f"lime:{lime_id}", phone="+46 70-123 45 67").status_code == 201
    assert len(requested(webhooks)) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"phone": None}, "phone"),
        ({"message": None}, "message"),
        ({"phone": "0701234567"}, "phone"),
        ({"phone": "467012345678901234567"}, "phone"),
        ({"message": ""}, "message"),
        ({"message": "x" * 51}, "message"),
    ],
)
def test_what_is_wrong_with_phone_or_message_is_named(own, webhooks, attested, given, field):  # noqa: F811
    body = assert_error(post(own, attested, **given), 400, "invalid")
    assert list(body["fields"]) == [field]
    assert requested(webhooks) == []


def test_a_paid_invoice_says_why_it_cannot_be_paid(own, webhooks, attested, settle):  # noqa: F811
    webhooks.pay(attested)
    settle(until=lambda: webhooks.order_status() == "paid")
    assert "betala" in assert_error(post(own, attested), 400, "guard_refused")["message"]
    assert requested(webhooks) == []


def test_what_billecta_says_against_it_is_told(own, webhooks, attested):  # noqa: F811
    fault(webhooks.billecta, "status", "swish_create", status=400)
    assert_error(post(own, attested), 400, "remote_rejected")


def test_what_is_unknown_or_foreign_is_not_found(third, foreign, own, webhooks, attested):  # noqa: F811
    for client, name in ((third, "9999999999"), (third, "lime:99"), (third, "%00"), (foreign, attested), (foreign, "9999999999")):
        assert_error(post(client, name), 404)
    request_id = post(own, attested).json()["requestid"]
    for client, name in ((third, "UNKNOWN"), (foreign, request_id), (own, attested)):
        assert_error(client.get(f"{PACKAGE}/payments/swish/{name}"), 404)
    assert requested(webhooks) == [request_id]


def test_an_invoice_from_before_the_portal_can_be_paid_and_nothing_is_stored_of_a_foreign_one(third, foreign, webhooks, attested, settle):  # noqa: F811
    _forget_invoices()
    assert_error(post(foreign, attested), 404)
    assert not Invoice.objects.exists()
    assert post(third, attested).status_code == 201
    assert len(requested(webhooks)) == 1


def _forget_invoices() -> None:
    from integration.models import InvoiceRow, InvoiceVersion, LedgerEntry

    for model in (InvoiceRow, InvoiceVersion, LedgerEntry):
        model.objects.all()._raw_delete("default")
    Invoice.objects.all()._raw_delete("default")


def test_the_same_asked_again_within_a_minute_is_the_same_request(own, webhooks, attested):  # noqa: F811
    first = post(own, attested).json()
    assert post(own, attested).json() == first
    assert post(own, attested, message="Hyra april").json() != first
    SwishRequest.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    assert post(own, attested).json() != first
    assert len(requested(webhooks)) == 3


def test_a_declined_request_may_be_made_again_at_once(own, webhooks, attested):  # noqa: F811
    first = post(own, attested).json()["requestid"]
    webhooks.billecta.control("POST", f"swish/{first}", {"status": "Declined"})
    own.get(f"{PACKAGE}/payments/swish/{first}")
    assert post(own, attested).json()["requestid"] != first


def test_the_same_asked_twice_at_the_same_time_is_one_request(own, webhooks, attested):  # noqa: F811
    fault(webhooks.billecta, "latency", "swish_create", seconds=0.5)
    _row, key = make("caller", ["third-party"])
    answers = []

    def ask_at_once() -> None:
        try:
            answers.append(post(APIClient(headers={"x-api-key": key}), attested))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask_at_once) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert {answer.json()["requestid"] for answer in answers} == set(requested(webhooks))
    assert len(requested(webhooks)) == 1


@pytest.mark.parametrize("kind", ["timeout_after_write", "reset_after_write"])
def test_a_lost_answer_is_a_bad_gateway_and_the_same_again_gets_what_was_made(own, webhooks, attested, impatient, settle, kind):  # noqa: F811
    fault(webhooks.billecta, kind, "swish_create", seconds=30, times=1)
    answer = post(own, attested)
    assert_error(answer, 502, "outcome_unknown")
    assert "Retry-After" in answer
    settle(until=lambda: SyncRecord.objects.get(kind=SWISH).status == "succeeded")
    again = post(own, attested)
    assert (again.status_code, [again.json()["requestid"]]) == (201, requested(webhooks))


def test_while_nobody_knows_what_came_of_it_none_is_sent_beside_it(own, webhooks, attested, impatient, settle):  # noqa: F811
    fault(webhooks.billecta, "timeout_before_write", "swish_create", seconds=30, times=1)
    assert_error(post(own, attested), 502, "outcome_unknown")
    settle(until=lambda: SyncRecord.objects.get(kind=SWISH).status == "needs_decision")
    assert_error(post(own, attested), 502, "outcome_unknown")
    assert requested(webhooks) == []
    assert SyncRecord.objects.filter(kind=SWISH).count() == 1


def test_what_was_not_sent_in_time_is_not_sent_later(own, webhooks, attested, settle):  # noqa: F811
    fault(webhooks.billecta, "status", "get_invoice", status=503, times=2)
    answer = post(own, attested)
    assert_error(answer, 502)
    assert SyncRecord.objects.get(kind=SWISH).status == "cancelled"
    settle()
    assert requested(webhooks) == []
    assert post(own, attested).status_code == 201


def test_a_caller_waits_for_the_invoices_other_work_at_most_so_long(own, webhooks, attested, monkeypatch):  # noqa: F811
    monkeypatch.setattr(swish_at_once, "SECONDS", 0.3)
    busy = SyncRecord.objects.filter(kind="attest-orders-in-billecta").latest("pk")
    SyncRecord.objects.filter(pk=busy.pk).update(status="needs_decision", finished_at=None)
    assert_error(post(own, attested), 502, "remote_timeout")
    assert SyncRecord.objects.get(kind=SWISH).status == "cancelled"
    SyncRecord.objects.filter(pk=busy.pk).update(status="succeeded")
    drain(threads=0)
    assert requested(webhooks) == []


def test_nothing_is_asked_for_while_sending_is_switched_off(own, webhooks, attested):  # noqa: F811
    PortalConfiguration.objects.update(sending_enabled=False)
    answer = post(own, attested)
    assert_error(answer, 503, "sending_stopped")
    assert (requested(webhooks), SyncRecord.objects.filter(kind=SWISH).exists()) == ([], False)


def test_a_status_that_billecta_cannot_tell_is_a_bad_gateway(own, webhooks, attested):  # noqa: F811
    request_id = post(own, attested).json()["requestid"]
    fault(webhooks.billecta, "status", "swish_status", status=500)
    answer = own.get(f"{PACKAGE}/payments/swish/{request_id}")
    assert_error(answer, 502)
    assert "Retry-After" in answer


def test_the_schema_describes_the_addresses(client_with):
    schema = client_with("read").get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    paths = json.loads(schema.content)["paths"]
    pdf = paths[f"{PACKAGE}/fetch-invoice-pdf/{{lime_invoice_id}}/"]["get"]["responses"]
    swish = paths[f"{PACKAGE}/payments/swish/{{id}}"]
    assert {"200", "401", "403", "404", "502"} <= set(pdf)
    assert "application/pdf" in pdf["200"]["content"]
    assert {"201", "400", "401", "403", "404", "502", "503"} <= set(swish["post"]["responses"])
    assert {parameter["name"] for parameter in swish["post"]["parameters"]} == {"id", "phone", "message"}
    assert {"200", "404", "502"} <= set(swish["get"]["responses"])
