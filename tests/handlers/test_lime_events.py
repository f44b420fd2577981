"""What each of Lime's events leads to, without either system: by the published mapping, the switches, and what is linked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.utils import translation

from integration.handlers.lime_events import DELETED_IN_LIME, NO_MAPPED_FIELD, NOT_SENT
from integration.ledger import Delivery, receive, registry, triage
from integration.ledger.replay import replay
from integration.mapping.spec import default_mapping
from integration.models import Order, OrderRow, PortalConfiguration, RecordLink, SyncRecord, WebhookEvent
from integration.sync import versions
from integration.sync.in_step import ATTESTED, DRAFT_DELETED, KEPT, NOT_IN_BILLECTA, events_needed

pytestmark = pytest.mark.django_db
REASONS = (NOT_SENT, NO_MAPPED_FIELD, DELETED_IN_LIME, ATTESTED, DRAFT_DELETED, NOT_IN_BILLECTA, *(kept.off for kept in KEPT.values()))


@pytest.fixture(autouse=True)
def everything_on(monkeypatch) -> None:
    monkeypatch.setattr(versions, "_published", {})  # the versions of tests that were rolled back
    PortalConfiguration.current()
    PortalConfiguration.objects.update(sync_creditors=True, sync_debtors=True, sync_articles=True, sync_orders=True)
    versions.forget()


def link(limetype: str, lime_id: int, creditor: str = "c") -> None:
    RecordLink.objects.create(creditor_id=creditor, limetype=limetype, lime_id=lime_id, billecta_id=f"{creditor}-{limetype}-{lime_id}")


def tell(name: str, lime_id: int, **body: object) -> WebhookEvent:
    data = {"event": name, "body": {"id": lime_id, **body}}
    delivery = Delivery(body=json.dumps(data).encode(), event_name=name, entity_id=str(lime_id), source="lime")
    return WebhookEvent.objects.get(pk=receive(delivery))


def told(name: str, lime_id: int, **body: object) -> WebhookEvent:
    event = tell(name, lime_id, **body)
    triage()
    event.refresh_from_db()
    return event


def lanes() -> list[str]:
    return list(SyncRecord.objects.order_by("entity_key").values_list("entity_key", flat=True))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_a_sentence_in_both_languages(reason):
    texts = set()
    for language in ("sv", "en"):
        with translation.override(language):
            texts.add(str(reason))
    assert len(texts) == 2
    assert all(text.endswith(".") for text in texts)


def test_every_kind_of_work_can_run_and_is_called_something():
    for kept in KEPT.values():
        assert registry.kinds[kept.kind].collapsible
        assert registry.kinds[kept.kind].title


def test_a_debtor_is_looked_at_for_each_creditor_that_it_is_linked_for():
    link("debtor", 7, "c1")
    link("debtor", 7, "c2")
    event = told("debtor.update", 7)
    assert (event.status, lanes()) == ("processing", ["debtor:c1:7", "debtor:c2:7"])


def test_an_object_of_the_same_number_but_another_kind_is_another():
    link("debtor", 7)
    assert told("article.update", 7).reason == str(NOT_IN_BILLECTA)


def test_names_go_by_the_published_mapping():
    spec = default_mapping()
    versions.publish(replace(spec, limetypes={**spec.limetypes, "debtor": "customer"}))
    link("debtor", 7)
    assert told("debtor.update", 7).reason == str(NOT_SENT)
    assert told("customer.update", 7).status == "processing"
    needed = events_needed(versions.published()[1], PortalConfiguration.current())
    assert "customer.update" in needed
    assert not any(name.startswith("debtor.") for name in needed)


def test_a_changed_field_that_the_mapping_has_no_use_for_leads_to_nothing():
    link("debtor", 7)
    assert told("debtor.update", 7, original_values={"note": "x"}).reason == str(NO_MAPPED_FIELD)
    assert told("debtor.update", 7, original_values={"note": "x", "city": "Umeå"}).status == "processing"


def test_a_relation_that_decides_what_is_sent_counts_as_mapped():
    link("order", 7)
    assert told("order.update", 7, original_values={"debtor": 3}).status == "processing"
    assert told("order.update", 7, original_values={"invoice": 3}).reason == str(NO_MAPPED_FIELD)


def test_a_row_counts_as_the_orders_that_it_belongs_to_belonged_to_and_was_sent_with():
    for lime_id in (1, 2, 3):
        link("order", lime_id)
    OrderRow.objects.create(order=Order.objects.create(lime_id=3), lime_id=70, sequence=1)
    told("orderrow.update", 70, original_values={"order": 1}, values={"order": 2})
    assert lanes() == ["order:1", "order:2", "order:3"]


def test_a_deleted_row_counts_as_the_order_that_it_was_sent_with():
    link("order", 3)
    OrderRow.objects.create(order=Order.objects.create(lime_id=3), lime_id=70, sequence=1)
    assert told("orderrow.delete", 70).status == "processing"
    assert told("orderrow.delete", 71).reason == str(NOT_IN_BILLECTA)


def test_many_events_are_triaged_in_as_many_statements_as_few(django_assert_max_num_queries):
    versions.published()
    for lime_id in range(1, 41):
        link("debtor", lime_id)
        link("order", lime_id)
    for lime_id in range(1, 41):
        for name in ("debtor.update", "order.update", "orderrow.update"):
            tell(name, lime_id, values={"order": lime_id})
    with django_assert_max_num_queries(25):
        triage()
    assert SyncRecord.objects.count() == 80


def test_an_event_that_was_ignored_is_looked_at_when_it_is_replayed():
    event = told("debtor.update", 7)
    assert event.status == "ignored"
    link("debtor", 7)
    assert replay([event], actor="anna") == 1
    triage()
    event.refresh_from_db()
    assert event.status == "processing"


def test_events_of_both_systems_are_triaged_together():
    link("debtor", 7)
    mine = tell("debtor.update", 7)
    theirs = WebhookEvent.objects.get(pk=receive(Delivery(body=b"{}", event_name="InvoiceActionPaid", entity_id="a-1")))
    triage()
    for event in (mine, theirs):
        event.refresh_from_db()
    assert [event.sync_record.kind for event in (mine, theirs) if event.sync_record] == [KEPT["debtor"].kind, "pull-invoice"]
