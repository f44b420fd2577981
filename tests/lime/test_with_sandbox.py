"""The client against the pretended Lime, a process of its own that shares no code with it, in a database with a space in its name."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from integration import errors
from integration.http import Timeouts
from integration.lime.client import LimeClient
from integration.lime.query import Query, eq, in_
from integration.lime.schema import Limetype, PropertyType
from integration.lime.values import read_value, write_value
from tests.sandbox.process import SandboxProcess

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    with SandboxProcess("lime", "--database", "Lime CRM", "--api-key", "key") as running:
        yield running


@pytest.fixture
def client(process: SandboxProcess) -> Iterator[LimeClient]:
    process.control("POST", "reset")
    lime = LimeClient(f"{process.url}/Lime CRM", "key", timeouts=Timeouts(read=5, total=10))
    yield lime
    lime.close()


@pytest.fixture
def invoice_type(client: LimeClient) -> Limetype:
    return client.limetypes().limetypes["invoice"]


def debtors(client: LimeClient, *names: str) -> list[int]:
    return [client.create_object("debtor", {"name": name})["_id"] for name in names]


def test_the_connection(client: LimeClient, process: SandboxProcess):
    client.check_connection()
    stranger = LimeClient(f"{process.url}/Lime CRM", "wrong")
    with pytest.raises(errors.CredentialsRefused):
        stranger.check_connection()
    stranger.close()


def test_an_object_lives(client: LimeClient):
    (lime_id,) = debtors(client, "Anna Ek")
    assert client.update_object("debtor", lime_id, {"city": "Lund"})["city"] == "Lund"
    assert client.get_object("debtor", lime_id)["name"] == "Anna Ek"
    client.delete_object("debtor", lime_id)
    with pytest.raises(errors.RemoteNotFound):
        client.get_object("debtor", lime_id)


def test_values_survive_both_apis(client: LimeClient, invoice_type: Limetype):
    written: dict[str, Any] = {
        "invoicenumber": "10042",
        "amount": Decimal("1250.10"),
        "duedate": date(2026, 3, 31),
        "invoicestatus": "attested",
    }
    fields = invoice_type.properties
    values = {name: write_value(value, fields[name]) for name, value in written.items()}
    lime_id = client.create_object("invoice", values)["_id"]
    stored = client.get_object("invoice", lime_id)
    (queried,) = client.query(Query("invoice", list(written), eq("_id", lime_id), limit=1))
    for name, value in written.items():
        assert read_value(stored[name], fields[name]) == value
        assert read_value(queried[name], fields[name]) == value


def test_unset_values_read_as_none(client: LimeClient, invoice_type: Limetype):
    stored = client.create_object("invoice", {"invoicenumber": "1"})
    fields = invoice_type.properties
    assert read_value(stored["invoicestatus"], fields["invoicestatus"]) is None
    assert read_value(stored["duedate"], fields["duedate"]) is None
    assert read_value(stored["debtor"], fields["debtor"]) is None


def test_all_related_objects(client: LimeClient, process: SandboxProcess):
    (debtor,) = debtors(client, "Anna Ek")
    rows = [{"limetype": "invoice", "values": {"invoicenumber": str(number), "debtor": debtor}} for number in range(120)]
    process.control("POST", "seed", {"objects": rows})
    assert len({one["_id"] for one in client.related("debtor", debtor, "invoice")}) == 120


def test_queries_of_any_size(client: LimeClient, process: SandboxProcess):
    process.control(
        "POST", "seed", {"objects": [{"limetype": "invoice", "values": {"invoicenumber": str(number)}} for number in range(450)]}
    )
    every = list(client.query_all(Query("invoice", ["invoicenumber"])))
    assert sorted(int(one["invoicenumber"]) for one in every) == list(range(450))
    chosen = client.query(Query("invoice", ["invoicenumber"], in_("invoicenumber", [str(number) for number in range(250)])))
    assert len(chosen) == 250


def test_a_prefix_is_not_an_equal(client: LimeClient, process: SandboxProcess):
    process.control(
        "POST", "seed", {"objects": [{"limetype": "invoice", "values": {"invoicenumber": number}} for number in ("1004", "10040")]}
    )
    found = client.find_one("invoice", "invoicenumber", "1004")
    assert found is not None
    assert found["invoicenumber"] == "1004"
    assert client.find_one("invoice", "invoicenumber", "100") is None


def test_the_schema(client: LimeClient, invoice_type: Limetype):
    assert invoice_type.missing(["invoicenumber", "nothing"]) == ["nothing"]
    assert invoice_type.properties["debtor"].related_type == "debtor"
    assert client.limetype("order").properties["billectastatus"].option("SENT") is not None
    assert client.limetype_property("invoice", "duedate").type is PropertyType.DATE


def test_a_file_goes_up_and_down(client: LimeClient):
    stored = client.upload_file("faktura å.pdf", b"%PDF", "application/pdf")
    assert client.file(stored.file_id).filename == "faktura å.pdf"
    assert client.download_file(stored.file_id) == b"%PDF"


def test_a_subscription_lives(client: LimeClient):
    created = client.create_subscription(["order.update"], "http://127.0.0.1:9/webhooks/lime/", name="portal", secret="hemlig")
    assert created in client.subscriptions()
    client.delete_subscription(created)
    assert created not in client.subscriptions()


def test_a_refusal_is_told_in_limes_words(client: LimeClient):
    with pytest.raises(errors.RemoteRejected) as raised:
        client.create_object("debtor", {"name": "x", "nothing": 1})
    assert "nothing" in raised.value.params["detail"]


def test_a_create_that_was_done_but_not_answered_is_unknown_and_can_be_found(client: LimeClient, process: SandboxProcess):
    process.control("POST", "faults", {"kind": "reset_after_write", "method": "POST", "path": "limeobject/invoice", "times": 1})
    with pytest.raises(errors.OutcomeUnknown):
        client.create_object("invoice", {"billectaid": "7545769088"})
    assert client.find_one("invoice", "billectaid", "7545769088") is not None
