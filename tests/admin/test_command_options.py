"""Options of commands as fields of the admin's form, and what its dry run shows."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integration.commands.table import Preview, add, table
from integration.errors import Problem, RemoteUnavailable
from integration.models import Batch, SyncRecord
from tests.admin.conftest import creditor
from tests.admin.test_commands import UPSERT, give, text

OPTIONS = {
    "type": "object",
    "properties": {
        "level": {"enum": ["Reminder", "Collection"], "title": "Level"},
        "terms_days": {"type": "integer", "minimum": 1},
        "fee": {"type": "number"},
        "public": {"type": "boolean"},
        "comment": {"type": "string", "maxLength": 5},
        "rows": {"type": "array"},
    },
}


class TestOptions:
    """Simple options of any command become fields from their JSON Schema."""

    @pytest.fixture(autouse=True)
    def _remind(self, commands):
        add(replace(table[UPSERT], id="remind", title="Remind", options_schema=OPTIONS))

    def test_each_kind_of_value_reaches_the_command_as_its_type(self, administrator, db):
        give(administrator, "start", "remind", level="Reminder", terms_days="8", fee="60.5", public="yes", comment="hej")
        options = Batch.objects.get().body["options"]
        assert options == {"level": "Reminder", "terms_days": 8, "fee": 60.5, "public": True, "comment": "hej"}

    def test_no_is_another_answer_than_none(self, administrator, db):
        give(administrator, "start", "remind", public="no")
        assert Batch.objects.get().body["options"] == {"public": False}

    def test_what_is_left_out_is_not_sent(self, administrator, db):
        give(administrator, "start", "remind")
        assert Batch.objects.get().body["options"] == {}

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"terms_days": "0"}, "0 is too small: use at least 1."),
            ({"comment": "far too long"}, "is too long: use at most 5."),
            ({"level": "Nothing"}, "Nothing is not one of the available choices."),
        ],
    )
    def test_a_wrong_one_is_named(self, administrator, db, options, said):
        assert said in text(give(administrator, "start", "remind", **options))
        assert not Batch.objects.exists()

    def test_debtors_are_sent_for_one_creditor_when_one_is_chosen(self, administrator, db):
        chosen = creditor()
        data = {
            "step": "start",
            "command": "upsert-debtors-in-billecta",
            "ids": "5",
            "upsert-debtors-in-billecta.creditor": chosen.billecta_id,
        }
        administrator.post("/admin/commands/debtor/", data)
        assert SyncRecord.objects.get().creditor_id == chosen.billecta_id

    def test_a_required_one_is_asked_for_by_its_own_command_only(self, administrator, db):
        creditor()
        anonymise = "anonymize-debtors-in-billecta"
        data = {"step": "confirm", "command": anonymise, "ids": "5"}
        assert "This field is required." in text(administrator.post("/admin/commands/debtor/", data))
        asked = text(administrator.post("/admin/commands/debtor/", {**data, f"{anonymise}.reason": "Asked for it"}))
        assert "This cannot be undone." in asked
        assert "Asked for it" in asked


class TestDryRun:
    """What would be sent is shown for each object, and nothing is changed."""

    @pytest.fixture
    def preview(self, commands):
        def preview(lime_id, options):
            if lime_id == 1002:
                return [
                    Preview(1002, "", "POST", "/v1/invoice/action", None, [Problem("order.duedate", "missing", "The due date is missing.")])
                ]
            payload = {"InvoiceDate": "2026-03-31", "DebtorName": "Anna Svensson", "Records": [{"ArticleNumber": "HYRA"}]}
            return [Preview(lime_id, creditor().billecta_id, "PUT", "/v1/invoice/action/77", payload, [])]

        table[UPSERT] = replace(table[UPSERT], preview=preview)

    def test_it_shows_call_content_and_problems(self, administrator, db, preview):
        page = text(give(administrator, "dry-run", ids="1001 1002"))
        good, bad = re.findall(r'<article class="kv-card" data-lime-id.*?</article>', page, re.DOTALL)
        assert "PUT /v1/invoice/action/77" in good
        assert "&quot;ArticleNumber&quot;: &quot;HYRA&quot;" in good
        assert creditor().name in good
        assert "Anna Svensson" not in good
        assert "1 problem" in bad
        assert "The due date is missing." in bad
        assert not Batch.objects.exists()
        assert not SyncRecord.objects.exists()

    def test_it_costs_the_same_for_two_objects_and_for_ten(self, administrator, db, preview):
        creditor()
        give(administrator, "dry-run", ids="1")

        def queries(count: int) -> int:
            table[UPSERT] = replace(table[UPSERT], preview=lambda lime_id, options: [Preview(lime_id, "creditor-1", "PUT", "/x", {}, [])])
            with CaptureQueriesContext(connection) as captured:
                give(administrator, "dry-run", ids=" ".join(map(str, range(1, count + 1))))
            return len(captured)

        assert queries(10) == queries(2)

    def test_it_takes_a_hundred_objects(self, administrator, db, preview):
        assert "A dry run takes at most 100 objects." in text(give(administrator, "dry-run", ids=" ".join(map(str, range(1, 102)))))

    def test_a_system_that_does_not_answer_is_told_on_the_page(self, administrator, db, commands):
        def fail(lime_id, options):
            raise RemoteUnavailable(system="Lime", detail="503")

        table[UPSERT] = replace(table[UPSERT], preview=fail)
        answer = give(administrator, "dry-run")
        assert answer.status_code == 200
        assert str(RemoteUnavailable(system="Lime", detail="503").message) in text(answer)
