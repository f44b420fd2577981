"""Creditors imported from Billecta: one result each, linked only when there can be one, and a second time does nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from integration.api.ledger_serializers import ResultSerializer
from integration.commands import batches
from integration.commands.batches import Asker
from integration.commands.dry_run import dry_run
from integration.commands.progress import progress
from integration.commands.refusals import ObjectNotVisible
from integration.commands.selection import CommandRequest
from integration.ledger import sweep
from integration.models import Batch, Creditor, RecordLink, SyncRecord
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)
IMPORT = "import-creditors-from-billecta"
OTHER, THIRD = "0d0d0d0d-1111-4222-8333-444444444444", "0e0e0e0e-1111-4222-8333-444444444444"
PERSON = Asker(actor="test")


def started(settle, **options: str) -> Batch:
    batch = batches.start(IMPORT, CommandRequest(options=options), asker=PERSON)
    settle()
    batch.refresh_from_db()
    return batch


def results(batch: Batch) -> dict[str, SyncRecord]:
    return {record.billecta_id: record for record in batch.records.all()}


def message(record: SyncRecord) -> str:
    with translation.override("en"):
        return str(ResultSerializer(record).data["message"])


def add(world: World, *creditors: tuple[str, str]) -> None:
    rows = [{"CreditorPublicId": public_id, "Name": f"Bolag {public_id[:2]}", "OrgNo": org_no} for public_id, org_no in creditors]
    world.billecta.control("POST", "seed", {"creditors": rows})


def add_in_lime(world: World, ref: str, org_no: str) -> int:
    row = {"limetype": "creditor", "ref": ref, "values": {"name": f"Bolag {ref}", "ssnregno": org_no}}
    return int(world.lime.control("POST", "seed", {"objects": [row]})["ids"][ref])


def test_each_creditor_is_kept_and_linked_by_stored_id_or_by_number(world, settle):
    add(world, (OTHER, "5590000128"), (THIRD, "556036-0793"))
    by_number = add_in_lime(world, "other", "559000-0128")
    batch = started(settle)
    found = results(batch)
    assert set(found) == {CREDITOR, OTHER, THIRD}
    assert {record.status for record in found.values()} == {"succeeded"}
    assert [found[public_id].lime_id for public_id in (CREDITOR, OTHER, THIRD)] == [world.ids["creditor"], by_number, None]
    assert {row.billecta_id: row.lime_id for row in Creditor.objects.all()} == {
        CREDITOR: world.ids["creditor"],
        OTHER: by_number,
        THIRD: None,
    }
    assert "No creditor in Lime" in message(found[THIRD])
    assert str(by_number) in message(found[OTHER])
    assert world.lime_object("creditor", by_number)["billectaid"] == OTHER
    assert (progress(batch).status, batch.total, progress(batch).done) == ("SUCCESS", 3, 3)
    assert len(world.lime_objects("creditor")) == 2, "nothing is created in Lime"


def test_its_size_is_not_known_until_it_is_listed_and_the_same_request_joins_it(world, settle):
    batch = batches.start(IMPORT, CommandRequest(), asker=PERSON)
    assert (batch.total, progress(batch).status) == (None, "PENDING")
    assert batches.start(IMPORT, CommandRequest(), asker=PERSON).pk == batch.pk
    settle()
    batch.refresh_from_db()
    assert batch.total == 1


def test_the_second_time_there_is_nothing_to_do(world, settle):
    add(world, (THIRD, "556036-0793"))
    started(settle)
    world.lime.control("DELETE", "journal")
    again = results(started(settle))
    assert [record.result.get("nothing_to_do") for record in again.values()] == [True, True]
    assert not [call for call in world.lime.journal("call") if call["method"] != "GET"]


def test_two_lime_creditors_with_the_number_are_shown_and_none_is_chosen(world, settle):
    add(world, (OTHER, "5590000128"))
    ids = [add_in_lime(world, ref, "559000-0128") for ref in ("a", "b")]
    batch = started(settle)
    failed = results(batch)[OTHER]
    assert (failed.status, failed.error_code) == ("failed", "ambiguous_match")
    assert all(str(lime_id) in message(failed) for lime_id in ids)
    assert not RecordLink.objects.filter(billecta_id=OTHER).exists()
    assert results(batch)[CREDITOR].status == "succeeded"
    assert progress(batch).status == "FAILURE"


def test_two_billecta_creditors_with_the_number_of_one_in_lime_are_shown_and_none_is_chosen(world, settle):
    add(world, (OTHER, "5590000128"), (THIRD, "559000-0128"))
    lime_id = add_in_lime(world, "a", "559000-0128")
    found = results(started(settle))
    for public_id in (OTHER, THIRD):
        assert (found[public_id].status, found[public_id].error_code) == ("failed", "ambiguous_match")
        assert OTHER in message(found[public_id])
        assert THIRD in message(found[public_id])
    assert world.lime_object("creditor", lime_id)["billectaid"] == ""


def test_a_lime_creditor_that_names_its_own_is_not_taken_for_another_with_the_same_number(world, settle):
    add(world, (OTHER, "556016-0680"))
    found = results(started(settle))
    assert (found[CREDITOR].status, found[CREDITOR].lime_id) == ("succeeded", world.ids["creditor"])
    assert (found[OTHER].status, found[OTHER].result["note"]) == ("succeeded", "creditor_without_lime")
    assert world.lime_object("creditor", world.ids["creditor"])["billectaid"] == CREDITOR


def test_a_link_that_was_mended_in_lime_is_made_when_it_is_retried(world, settle):
    add(world, (OTHER, "5590000128"))
    first, second = (add_in_lime(world, ref, "559000-0128") for ref in ("a", "b"))
    batch = started(settle)
    world.lime.control("PUT", f"objects/creditor/{second}", {"ssnregno": ""})
    assert batches.retry_failed(batch, actor="test") == 1
    settle()
    assert results(batch)[OTHER].lime_id == first


@pytest.mark.parametrize("operation", ["list_creditors", "get_creditor"])
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "reset"}, {"kind": "html"}], ids=lambda fault: fault["kind"])
def test_it_survives_a_billecta_that_fails_at_first(world, settle, operation, fault):
    world.billecta.control("POST", "faults", {**fault, "operation": operation, "times": 2})
    batch = started(settle)
    assert any(rule["hits"] for rule in world.billecta.control("GET", "faults"))
    assert (batch.total, progress(batch).status, list(results(batch))) == (1, "SUCCESS", [CREDITOR])


def test_limes_id_is_written_once_though_the_answer_is_lost(world, settle):
    add(world, (OTHER, "5590000128"))
    lime_id = add_in_lime(world, "other", "559000-0128")
    world.lime.control("POST", "faults", {"kind": "reset_after_write", "operation": "update_object", "times": 1})
    started(settle)
    assert world.lime_object("creditor", lime_id)["billectaid"] == OTHER


def test_one_creditor_may_be_named(world, settle):
    add(world, (OTHER, "5590000128"))
    batch = started(settle, creditor=OTHER)
    assert (batch.total, list(results(batch))) == (1, [OTHER])
    assert list(Creditor.objects.values_list("billecta_id", flat=True)) == [OTHER]


def test_a_creditor_that_billecta_has_not_is_named(world, settle):
    [record] = results(started(settle, creditor=THIRD)).values()
    assert (record.status, record.error_code) == ("failed", "remote_not_found")


def test_who_is_limited_to_creditors_may_import_only_these(world, settle):
    limited = Asker(actor="key", creditors=frozenset({CREDITOR}))
    with pytest.raises(ObjectNotVisible):
        batches.start(IMPORT, CommandRequest(), asker=limited)
    assert batches.start(IMPORT, CommandRequest(options={"creditor": CREDITOR}), asker=limited).total == 1


def test_cancelled_before_it_is_listed_nothing_is_imported(world, settle):
    batch = batches.start(IMPORT, CommandRequest(), asker=PERSON)
    batches.cancel(batch, actor="test")
    settle()
    assert (progress(batch).status, Creditor.objects.count()) == ("FAILURE", 0)


def test_a_dry_run_shows_what_lime_would_get_and_changes_nothing(world):
    add(world, (OTHER, "5590000128"), (THIRD, "559000-0128"))
    lime_id = add_in_lime(world, "a", "559000-0128")
    shown: dict[str, Any] = {row["creditor"]: row for row in dry_run(IMPORT, CommandRequest(), asker=PERSON)}
    path = f"/api/v1/limeobject/creditor/{world.ids['creditor']}/"
    assert (shown[CREDITOR]["method"], shown[CREDITOR]["payload"]) == ("PUT", {"billectaid": CREDITOR})
    assert shown[CREDITOR]["path"].endswith(path)
    assert [problem["code"] for problem in shown[OTHER]["problems"]] == ["ambiguous_match"]
    assert (Creditor.objects.count(), RecordLink.objects.count(), world.lime_object("creditor", lime_id)["billectaid"]) == (0, 0, "")


def test_a_worker_that_is_lost_after_the_listing_does_not_double_it(world, settle, monkeypatch):
    class Killed(BaseException):
        pass

    def dies(*_args):
        raise Killed

    add(world, (OTHER, "5590000128"))
    batch = batches.start(IMPORT, CommandRequest(), asker=PERSON)
    with monkeypatch.context() as patched:
        patched.setattr("integration.ledger.run.record_outcome", dies)
        with pytest.raises(Killed):
            settle()
    SyncRecord.objects.filter(status="in_flight").update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    settle()
    batch.refresh_from_db()
    assert (batch.total, sorted(results(batch))) == (2, [CREDITOR, OTHER])
    assert SyncRecord.objects.filter(kind=IMPORT).count() == 3, "the listing and two creditors"


def test_a_listing_that_billecta_refuses_fails_the_task_and_is_retried(world, settle):
    world.billecta.control("POST", "faults", {"kind": "status", "status": 400, "operation": "list_creditors", "times": 1})
    batch = started(settle)
    assert (progress(batch).status, batch.total, batch.records.get().error_code) == ("FAILURE", None, "remote_rejected")
    assert batches.retry_failed(batch, actor="test") == 1
    settle()
    batch.refresh_from_db()
    assert (progress(batch).status, batch.total) == ("SUCCESS", 1)
