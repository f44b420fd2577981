"""What things are called: kinds of work by title, and labels that begin with a capital."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from integration.ledger import registry
from integration.models import Batch, SyncRecord
from integration.models.titles import title_of
from tests.admin.conftest import MAKERS, order, work, worked_on

LABEL = re.compile(r'data-label="([^"]*)"')


def page(client, address: str) -> str:
    return str(client.get(f"/admin/{address}").content.decode())


def test_every_kind_of_work_has_a_title_in_both_languages():
    for kind in registry.kinds.values():
        if kind.execute.__module__.startswith("integration."):
            with translation.override("en"):
                english = title_of(kind.name)
            with translation.override("sv"):
                assert len({kind.name, english, title_of(kind.name)}) == 3, kind.name


def test_lists_and_pages_show_titles(administrator, db):
    record = worked_on()
    work("failed", kind="write-invoice-to-lime")
    assert "Attest orders in Billecta" in page(administrator, "integration/batch/")
    listed = page(administrator, "integration/syncrecord/")
    assert "Write an invoice to Lime" in listed
    assert "write-invoice-to-lime</a>" not in listed
    assert "Attest orders in Billecta" in page(administrator, f"integration/syncrecord/{record.pk}/change/")
    assert "Write an invoice to Lime" in page(administrator, "")


@pytest.mark.parametrize(("model", "name"), [(SyncRecord, "kind"), (Batch, "command")])
def test_a_filter_names_the_titles_and_finds_the_rows(administrator, db, model, name):
    wanted = worked_on()
    work("failed", kind="pull-invoice")
    Batch.objects.create(command="upsert-orders-in-billecta", total=0)
    address = f"integration/{model.__name__.lower()}/"
    assert f"?{name}=attest-orders-in-billecta" in page(administrator, address)
    rows = administrator.get(f"/admin/{address}?{name}=attest-orders-in-billecta").context["cl"].result_list
    assert list(rows) == [wanted if model is SyncRecord else wanted.batch]


@pytest.mark.parametrize("model", sorted(MAKERS))
def test_labels_beside_values_begin_with_a_capital(administrator, db, model):
    MAKERS[model]()
    listed = page(administrator, f"integration/{model}/")
    row = administrator.get(f"/admin/integration/{model}/").context["cl"].result_list[0]
    labels = LABEL.findall(listed) + LABEL.findall(page(administrator, f"integration/{model}/{row.pk}/change/"))
    assert len(labels) > 1
    assert [label for label in labels if label and label[0].islower()] == []


def test_users_and_groups_too(administrator, db):
    labels = LABEL.findall(page(administrator, "auth/user/") + page(administrator, "auth/group/"))
    assert "Username" in labels
    assert [label for label in labels if label[0].islower()] == []


def test_columns_keep_their_names_order_and_links(administrator, db):
    record = worked_on()
    listed = page(administrator, "integration/syncrecord/")
    assert re.search(r'<th class="[^"]*column-titled', listed)
    assert re.search(rf'<a href="/admin/integration/syncrecord/{record.pk}/change/[^"]*"[^>]*>Attest orders in Billecta</a>', listed)
    other = work("failed", kind="write-invoice-to-lime")

    def sorted_by(column: str) -> list[int]:
        rows = administrator.get(f"/admin/integration/syncrecord/?o={column}").context["cl"].result_list
        return [row.pk for row in rows]

    assert (sorted_by("2"), sorted_by("-2")) == ([record.pk, other.pk], [other.pk, record.pk])


def test_inline_headings_are_named_for_their_columns(administrator, db):
    assert '<th class="column-quantity_figure ' in page(administrator, f"integration/order/{order().pk}/change/")


def test_a_list_offers_all_rows_only_when_some_are_hidden(administrator, db):
    work("failed")
    assert "Show all" not in page(administrator, "integration/syncrecord/")
    assert "Show all" in page(administrator, "integration/syncrecord/?q=nothing")
