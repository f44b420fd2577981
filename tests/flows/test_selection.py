"""Commands by filter and for everything: found once by a worker, sent once, or not sent at all with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from integration.commands import batches, dry_run
from integration.commands.batches import Asker
from integration.commands.progress import progress
from integration.commands.refusals import IdempotencyConflict, InvalidRequest, ParentNotRelated
from integration.commands.resolving import first_ids
from integration.commands.selection import CommandRequest, Selection, read_request
from integration.commands.table import table
from integration.errors import GuardRefused, RemoteTimeout
from integration.ledger import Done, Work, claim, drain, sweep
from integration.ledger.run import run
from integration.ledger.sending import bind
from integration.lime.query import Query
from integration.models import Batch, Creditor, Order, PortalConfiguration, SyncRecord, TokenBucket
from integration.models.ledger import Queue
from integration.sync import systems
from integration.sync.systems import lime
from tests.flows.world import CREDITOR, World
from tests.sandbox.process import ROOT, SandboxProcess

pytestmark = pytest.mark.django_db(transaction=True)

ARTICLES, ORDERS = "upsert-articles-in-billecta", "upsert-orders-in-billecta"
ALL_ARTICLES = {"context": {"limetype": "article"}, "filter": None, "confirm_all": True}
NUMBERED_A = {"key": "articlenumber", "op": "=?", "exp": "A"}
BY_NUMBER = {"context": {"limetype": "article"}, "filter": NUMBERED_A}


def start(body: dict[str, Any], command: str = ARTICLES, *, creditors: frozenset[str] = frozenset(), key: str = "") -> Batch:
    return batches.start(command, read_request(table[command], body), asker=Asker("test", creditors=creditors), idempotency_key=key)


def add_articles(world: World, number: int, prefix: str = "A") -> list[int]:
    """Articles numbered `A0001` and on; returns their Lime ids."""
    objects = [
        {
            "limetype": "article",
            "ref": f"{prefix}{n}",
            "values": {"articlenumber": f"{prefix}{n:04}", "description": "Hyra", "unit": "st", "price": 100, "vat": 25, "active": True},
        }
        for n in range(1, number + 1)
    ]
    return list(world.lime.control("POST", "seed", {"objects": objects})["ids"].values())


def finding(batch: Batch) -> SyncRecord:
    return SyncRecord.objects.get(resolves=batch)


def chosen(batch: Batch) -> list[int | None]:
    return list(SyncRecord.objects.filter(batch=batch).order_by("lime_id").values_list("lime_id", flat=True))


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def creditor(world, ask, settle) -> Creditor:
    ask("upsert-creditors-in-billecta", world.ids["creditor"])
    settle()
    return Creditor.objects.get()


@pytest.fixture
def resting(monkeypatch) -> None:
    """Articles' work that does nothing: only which of it there is matters here."""
    from integration.ledger import registry

    monkeypatch.setitem(registry.kinds, ARTICLES, replace(registry.kinds[ARTICLES], execute=lambda _work: Done()))


class TestFound:
    """What the selection means is sent, once each, and nothing else."""

    def test_a_filter(self, world, creditor, settle):
        wanted = add_articles(world, 3)
        batch = start(BY_NUMBER)
        assert (batch.total, progress(batch).status, progress(batch).summary) == (None, "PENDING", "The objects are being found.")
        settle()
        counted = progress(batch)
        assert (counted.status, counted.total, counted.succeeded) == ("SUCCESS", 3, 3)
        assert chosen(batch) == wanted
        assert len(world.effects("product.created")) == 3

    def test_everything(self, world, creditor, settle):
        batch = start(ALL_ARTICLES)
        settle()
        assert chosen(batch) == sorted([world.ids["rent"], world.ids["parking"]])
        assert len(world.effects("product.created")) == 2

    def test_everything_of_a_parent(self, world, settle):
        other = world.lime.control("POST", "seed", {"objects": [{"limetype": "debtor", "ref": "other", "values": {"name": "Bo Bok"}}]})
        world.add_order("order2")
        world.lime.control("PUT", f"objects/order/{world.ids['order2']}", {"debtor": other["ids"]["other"]})
        parent = {"limetype": "debtor", "id": world.ids["debtor"]}
        batch = start({"context": {"limetype": "order", "parent": parent}, "filter": None, "confirm_all": True}, ORDERS)
        settle()
        assert chosen(batch) == [world.ids["order"]]
        assert len(world.effects("invoice.created")) == 1

    def test_a_parent_narrows_a_filter(self, world, settle):
        parent = {"limetype": "debtor", "id": world.ids["debtor"] + 999}
        name = {"key": "name", "op": "?", "exp": "Hyra"}
        batch = start({"context": {"limetype": "order", "parent": parent}, "filter": name}, ORDERS)
        settle()
        assert (progress(batch).status, progress(batch).total) == ("SUCCESS", 0)

    def test_nothing_is_a_success(self, world, settle):
        batch = start({"context": {"limetype": "article"}, "filter": {"key": "articlenumber", "op": "=", "exp": "none"}})
        settle()
        counted = progress(batch)
        assert (counted.status, counted.total, counted.summary) == ("SUCCESS", 0, "There was nothing to do.")
        assert counted.finished_at == finding(batch).finished_at

    def test_many_pages_and_a_long_list_of_ids(self, world, creditor):
        wanted = add_articles(world, 450)
        everything, named = start(BY_NUMBER), start({**BY_NUMBER, "filter": {"key": "id", "op": "IN", "exp": wanted[:250]}})
        for record in claim([Queue.OUTBOUND], 10):
            run(record)
        assert chosen(everything) == wanted
        assert chosen(named) == wanted[:250]
        assert (progress(everything).total, progress(named).total) == (450, 250)

    def test_an_object_that_leaves_between_two_pages_hides_no_other(self, world):
        wanted = add_articles(world, 250)
        query = Query("article", ["_id"], NUMBERED_A)
        first = lime().page_of_ids(query)
        world.lime.control("DELETE", f"objects/article/{first[0]}")
        assert first + lime().page_of_ids(query, after=first[-1]) == wanted

    def test_it_waits_for_the_limit_of_calls_where_it_is(self, world, creditor):
        """To begin anew would spend the same calls again, and never come to the end of a large selection."""
        add_articles(world, 900)
        TokenBucket.objects.filter(system="lime").update(enabled=True, rate_per_second=10, burst=2, tokens=2)
        batch = start(BY_NUMBER)
        run(_claimed(batch))
        assert progress(batch).total == 900
        assert finding(batch).tries.count() == 1


class TestNotFound:
    """Nothing is sent, and the task says why and what to do."""

    def test_more_than_the_cap(self, world, creditor, settle):
        add_articles(world, 3)
        PortalConfiguration.objects.update(filter_cap=2)
        batch = start(BY_NUMBER)
        settle()
        counted = progress(batch)
        assert (counted.status, counted.total, chosen(batch), finding(batch).error_code) == ("FAILURE", None, [], "too_many_objects")
        assert "more than 2 objects" in counted.summary
        assert "raise “objects in one command”" in counted.summary
        assert world.effects("product.created") == []

    def test_exactly_the_cap_is_taken_on(self, world, creditor, resting, settle):
        add_articles(world, 3)
        PortalConfiguration.objects.update(filter_cap=3)
        batch = start(BY_NUMBER)
        settle()
        assert progress(batch).total == 3

    def test_after_the_cap_is_raised_it_is_found_again(self, world, creditor, resting, settle):
        wanted = add_articles(world, 3)
        PortalConfiguration.objects.update(filter_cap=2)
        batch = start(BY_NUMBER)
        settle()
        PortalConfiguration.objects.update(filter_cap=3)
        batches.retry_failed(batch, actor="anna")
        settle()
        assert (progress(batch).status, chosen(batch)) == ("SUCCESS", wanted)

    def test_a_filter_that_lime_refuses(self, world, settle):
        batch = start({"context": {"limetype": "article"}, "filter": {"key": "colour", "op": "=", "exp": "red"}})
        settle()
        counted = progress(batch)
        assert (counted.status, finding(batch).error_code, finding(batch).tries.count()) == ("FAILURE", "remote_rejected", 1)
        assert "no property 'colour'" in counted.summary

    def test_a_parent_without_relation(self, world, settle):
        parent = {"limetype": "debtor", "id": world.ids["debtor"]}
        batch = start({"context": {"limetype": "article", "parent": parent}, "filter": None, "confirm_all": True})
        settle()
        assert (progress(batch).status, finding(batch).error_code) == ("FAILURE", "parent_not_related")
        assert "context.parent" in progress(batch).summary

    def test_a_parent_with_two_relations(self, world, settings, settle, tmp_path):
        """In a Lime where an order has a debtor and a payer, who is a debtor too."""
        schema = json.loads((ROOT / "integration/sandbox/lime/schemas/default.json").read_text())
        [order] = [limetype for limetype in schema["limetypes"] if limetype["name"] == "order"]
        [debtor] = [one for one in order["properties"] if one["name"] == "debtor"]
        order["properties"].append({**debtor, "name": "payer", "localname": "Betalare"})
        (tmp_path / "schema.json").write_text(json.dumps(schema))
        with SandboxProcess("lime", "--schema", str(tmp_path / "schema.json")) as other:
            settings.LIME_BASE_URL = f"{other.url}/kvittens"
            systems.forget()
            bind(actor="test")
            parent = {"limetype": "debtor", "id": 1001}
            batch = start({"context": {"limetype": "order", "parent": parent}, "filter": None, "confirm_all": True}, ORDERS)
            settle()
        assert (progress(batch).status, finding(batch).error_code) == ("FAILURE", "parent_ambiguous")
        assert "debtor, payer" in progress(batch).summary

    def test_a_lime_that_fails_for_a_while_is_asked_again(self, world, creditor, resting, settle):
        world.lime.control("POST", "faults", {"kind": "status", "status": 503, "path": "/query/", "times": 3})
        batch = start(ALL_ARTICLES)
        drain(threads=0)
        waiting = progress(batch)
        assert (waiting.status, finding(batch).status) == ("STARTED", "waiting_retry")
        assert "So far that did not succeed" in waiting.summary
        settle()
        assert (progress(batch).status, progress(batch).total) == ("SUCCESS", 2)


class TestOnceOrNotAtAll:
    """A worker that is lost leaves all of the objects' work or nothing of it."""

    def test_a_worker_lost_after_it_submitted(self, world, creditor, resting, settle):
        wanted = add_articles(world, 3)
        batch = start(BY_NUMBER)
        work = Work(_claimed(batch))
        assert isinstance(_execute(work), Done)
        _lose_leases()
        settle()
        assert (chosen(batch), progress(batch).total, finding(batch).status) == (wanted, 3, "succeeded")

    def test_a_worker_lost_in_the_middle(self, world, creditor, monkeypatch):
        wanted = add_articles(world, 700)
        whole, asked = table[ARTICLES], []

        def dies_at_the_second_chunk(lime_ids, options):
            asked.append(len(lime_ids))
            if len(asked) == 2:
                raise SystemExit
            return whole.subjects(lime_ids, options)

        monkeypatch.setitem(table, ARTICLES, replace(whole, subjects=dies_at_the_second_chunk))
        batch = start(BY_NUMBER)
        with pytest.raises(SystemExit):
            run(_claimed(batch))
        assert (asked, chosen(batch), progress(batch).total) == ([500, 200], [], None)
        _lose_leases()
        sweep()
        run(_claimed(batch))
        assert (chosen(batch), progress(batch).total, finding(batch).status) == (wanted, 700, "succeeded")

    def test_two_workers_at_once(self, world, creditor, resting, settle):
        """The first one's lease ran out while it waited for Lime."""
        wanted = add_articles(world, 3)
        batch = start(BY_NUMBER)
        slow = _claimed(batch)
        _lose_leases()
        sweep()
        settle()
        run(slow)
        settle()
        assert (chosen(batch), progress(batch).total) == (wanted, 3)


class TestCancelled:
    """Nothing is submitted any more."""

    def assert_nothing_was_sent(self, world: World, batch: Batch) -> None:
        assert (progress(batch).status, progress(batch).total, chosen(batch)) == ("FAILURE", None, [])
        assert progress(batch).finished_at is not None
        assert world.effects("product.created") == []
        with pytest.raises(GuardRefused):
            batches.cancel(batch, actor="anna")

    def test_before_it_began(self, world, creditor, settle):
        batch = start(ALL_ARTICLES)
        batches.cancel(batch, actor="anna")
        settle()
        self.assert_nothing_was_sent(world, batch)
        assert progress(batch).summary == "Cancelled before the objects were found: nothing was sent."
        assert finding(batch).tries.count() == 0

    def test_while_it_runs(self, world, creditor, settle):
        batch = start(ALL_ARTICLES)
        record = _claimed(batch)
        batches.cancel(batch, actor="anna")
        assert progress(batch).status == "STARTED"
        run(record)
        settle()
        self.assert_nothing_was_sent(world, batch)
        assert finding(batch).error_code == "task_cancelled"

    def test_while_it_runs_and_fails(self, world, creditor, settle):
        batch = start(ALL_ARTICLES)
        record = _claimed(batch)
        batches.cancel(batch, actor="anna")
        world.lime.control("POST", "faults", {"kind": "status", "status": 503, "path": "/query/", "times": 4})
        run(record)
        assert finding(batch).status == "cancelled"
        settle()
        self.assert_nothing_was_sent(world, batch)

    def test_while_it_waits_to_be_tried_again(self, world, creditor, settle):
        world.lime.control("POST", "faults", {"kind": "status", "status": 503, "path": "/query/", "times": 4})
        batch = start(ALL_ARTICLES)
        run(_claimed(batch))
        assert finding(batch).status == "waiting_retry"
        batches.cancel(batch, actor="anna")
        settle()
        self.assert_nothing_was_sent(world, batch)

    def test_retrying_what_failed_does_not_bring_it_back(self, world, creditor, settle):
        batch = start(ALL_ARTICLES)
        batches.cancel(batch, actor="anna")
        assert batches.retry_failed(batch, actor="anna") == 0
        settle()
        self.assert_nothing_was_sent(world, batch)

    def test_objects_that_were_found_are_cancelled_as_ever(self, world, creditor, settle):
        batch = start(ALL_ARTICLES)
        run(_claimed(batch))
        assert batches.cancel(batch, actor="anna") == 2
        settle()
        assert (progress(batch).status, progress(batch).cancelled, world.effects("product.created")) == ("FAILURE", 2, [])


class TestTheSameAgain:
    """An identical request that is not finished is joined; an idempotency key remembers the whole selection."""

    def test_it_is_joined_until_it_is_finished(self, world, creditor, resting, settle):
        batch = start(BY_NUMBER)
        assert start({**BY_NUMBER, "confirm_all": True}) == batch
        run(_claimed(batch))
        add_articles(world, 1)
        assert start(BY_NUMBER) != batch

    def test_it_is_joined_while_its_objects_are_worked_on(self, world, creditor):
        add_articles(world, 1)
        batch = start(BY_NUMBER)
        run(_claimed(batch))
        assert start(BY_NUMBER) == batch

    @pytest.mark.parametrize(
        "other",
        [
            {**BY_NUMBER, "filter": {**NUMBERED_A, "exp": "B"}},
            {**BY_NUMBER, "filter": None, "confirm_all": True},
            {**BY_NUMBER, "context": {"limetype": "article", "parent": {"limetype": "debtor", "id": 1}}},
            {**BY_NUMBER, "options": {"creditor": CREDITOR}},
        ],
    )
    def test_another_selection_is_not_the_same(self, world, creditor, other):
        first = start(BY_NUMBER, key="k1")
        assert start(other) != first
        with pytest.raises(IdempotencyConflict):
            start(other, key="k1")
        assert start(BY_NUMBER, key="k1") == first

    def test_confirm_all_is_part_of_the_body(self, world):
        start(BY_NUMBER, key="k1")
        with pytest.raises(IdempotencyConflict):
            start({**BY_NUMBER, "confirm_all": True}, key="k1")

    def test_a_key_finds_the_finished_task(self, world, creditor, resting, settle):
        first = start(BY_NUMBER, key="k1")
        settle()
        assert progress(first).status == "SUCCESS"
        assert start(BY_NUMBER, key="k1") == first

    def test_who_sees_fewer_creditors_asks_for_something_else(self, world, creditor):
        first = start(BY_NUMBER, key="k1")
        assert start(BY_NUMBER, creditors=frozenset([CREDITOR])) != first
        with pytest.raises(IdempotencyConflict):
            start(BY_NUMBER, creditors=frozenset([CREDITOR]), key="k1")


class TestLimitedToCreditors:
    """What does not provably belong to the asker's creditors is left out, and counted nowhere."""

    @pytest.fixture
    def own(self, world, creditor) -> int:
        """Three orders, of which the portal knows that one belongs to the creditor and one to another."""
        other = Creditor.objects.create(billecta_id="other", name="Östra Bostäder AB")
        for ref, owner in (("order2", creditor), ("order3", other), ("order4", None)):
            Order.objects.create(lime_id=world.add_order(ref), creditor=owner)
        return int(world.ids["order2"])

    def test_only_its_own_are_sent(self, world, own, settle):
        PortalConfiguration.objects.update(filter_cap=1)
        body = {"context": {"limetype": "order"}, "filter": None, "confirm_all": True}
        batch = start(body, ORDERS, creditors=frozenset([CREDITOR]))
        settle()
        assert (chosen(batch), progress(batch).total, progress(batch).status) == ([own], 1, "SUCCESS")

    def test_only_its_own_are_tried(self, world, own):
        request = read_request(table[ORDERS], {"context": {"limetype": "order"}, "filter": None, "confirm_all": True})
        shown = dry_run.dry_run(ORDERS, request, asker=Asker("test", creditors=frozenset([CREDITOR])))
        assert [one["lime_id"] for one in shown] == [own]

    def test_without_any_of_its_own_there_is_nothing_to_do(self, world, creditor, settle):
        body = {"context": {"limetype": "order"}, "filter": None, "confirm_all": True}
        batch = start(body, ORDERS, creditors=frozenset(["other"]))
        settle()
        assert (progress(batch).total, progress(batch).status) == (0, "SUCCESS")


class TestDryRun:
    """The same objects, without effect, for up to a hundred."""

    def try_it(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return dry_run.dry_run(ARTICLES, read_request(table[ARTICLES], body), asker=Asker("test"))

    def test_it_shows_what_the_filter_finds(self, world, creditor):
        wanted = add_articles(world, 3)
        assert [one["lime_id"] for one in self.try_it(BY_NUMBER)] == wanted
        assert not Batch.objects.exists()
        assert world.effects("product.created") == []

    def test_a_hundred_and_one_are_refused_before_any_is_looked_at(self, world, creditor):
        add_articles(world, 101)
        before = len(world.lime.journal("call"))
        with pytest.raises(InvalidRequest) as refused:
            self.try_it(BY_NUMBER)
        assert "at most 100 objects" in refused.value.fields["filter"][0]
        assert len(world.lime.journal("call")) == before + 1

    def test_a_filter_that_lime_refuses_is_named(self, world):
        with pytest.raises(InvalidRequest) as refused:
            self.try_it({**BY_NUMBER, "filter": {"key": "colour", "op": "=", "exp": "red"}})
        assert "no property 'colour'" in refused.value.fields["filter"][0]

    def test_a_parent_without_relation_is_refused(self, world):
        with pytest.raises(ParentNotRelated):
            self.try_it(
                {"context": {"limetype": "article", "parent": {"limetype": "debtor", "id": 1}}, "filter": None, "confirm_all": True}
            )

    def test_the_finding_counts_in_the_fifteen_seconds(self, world, creditor, monkeypatch):
        monkeypatch.setattr(dry_run, "SECONDS", 0.2)
        world.lime.control("POST", "faults", {"kind": "latency", "seconds": 1, "path": "/query/"})
        with pytest.raises(RemoteTimeout):
            self.try_it(BY_NUMBER)


class TestDoors:
    """The shell takes the same selections."""

    @pytest.mark.parametrize(
        ("arguments", "total"), [(["--all"], 2), (["--filter", json.dumps({"key": "articlenumber", "op": "=", "exp": "P"})], 1)]
    )
    def test_the_shell_starts_it(self, world, creditor, resting, settle, arguments, total, capsys):
        call_command("run_command", ARTICLES, *arguments)
        settle()
        batch = Batch.objects.get(pk=capsys.readouterr().out.strip())
        assert (progress(batch).status, progress(batch).total) == ("SUCCESS", total)

    def test_the_shell_shows_what_would_be_sent(self, world, creditor, capsys):
        call_command("run_command", ARTICLES, "--all", "--dry-run")
        assert len(json.loads(capsys.readouterr().out)) == 2

    def test_the_shell_says_that_the_objects_are_not_found_yet(self, world, creditor):
        with pytest.raises(CommandError, match="The objects are being found"):
            call_command("run_command", ARTICLES, "--all", "--wait", "0.1")

    @pytest.mark.parametrize(("arguments", "named"), [(["1", "--all"], "ids"), (["--filter", "{}"], "filter.op")])
    def test_the_shell_refuses_what_is_no_selection(self, world, arguments, named):
        with pytest.raises(CommandError, match=rf"^{named}: "):
            call_command("run_command", ARTICLES, *arguments)
        assert not Batch.objects.exists()


def test_many_are_taken_on_in_few_statements(world, creditor, django_assert_max_num_queries):
    """A row takes up to thirty parameters, of which SQLite's statements hold a thousand."""
    add_articles(world, 2_000)
    batch = start(BY_NUMBER)
    record = _claimed(batch)
    with django_assert_max_num_queries(100):
        run(record)
    assert progress(batch).total == 2_000


def test_the_first_ids_are_read_no_further_than_asked(world):
    add_articles(world, 450)
    before = len(world.lime.journal("call"))
    found = first_ids(table[ARTICLES], CommandRequest(selection=Selection(NUMBERED_A)), frozenset(), most=150)
    assert (len(found), len(world.lime.journal("call")) - before) == (150, 1)


def _claimed(batch: Batch) -> SyncRecord:
    """The work that finds the batch's objects, as a worker holds it."""
    [record] = [one for one in claim([Queue.OUTBOUND], 10) if one.kind == Batch.RESOLVING]
    assert record == finding(batch)
    return record


def _execute(work: Work) -> Any:
    from integration.ledger import registry

    execute: Callable[[Work], Any] = registry.kinds[Batch.RESOLVING].execute
    return execute(work)


def _lose_leases() -> None:
    SyncRecord.objects.filter(status="in_flight").update(lease_until=timezone.now() - timedelta(seconds=1))
