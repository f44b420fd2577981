"""The demo's data fits the sandbox and the law of numbers, and its parts keep what they should from run to run."""

import stat
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from stdnum.se import orgnr, personnummer

from integration.ledger.sending import why_not_sending
from integration.management.demo import access, reset
from integration.management.demo.landlord import move_in, read_landlord
from integration.management.demo.memory import Memory
from integration.management.demo.systems import Lime, NotPlayed
from integration.models import ApiKey, PortalConfiguration
from tests.sandbox.process import SandboxProcess

TODAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def lime():
    with SandboxProcess("lime") as process:
        yield Lime(f"{process.url}/kvittens", "sandbox-lime-key")


def values(limetype: str) -> list[dict[str, Any]]:
    return [row["values"] for row in read_landlord(TODAY).objects if row["limetype"] == limetype]


def test_every_identity_number_has_its_check_digit():
    numbers = [row["ssnregno"] for row in values("debtor") + values("creditor")]
    assert len(numbers) == 7
    assert all(orgnr.is_valid(number) or personnummer.is_valid(number) for number in numbers)


def test_every_way_an_order_can_end_is_there():
    landlord = read_landlord(TODAY)
    assert {one.ends for one in landlord.endings} == {"draft", "unpaid", "paid", "part-paid", "credited"}
    assert [one.ordernumber for one in landlord.endings] == [row["ordernumber"] for row in values("order")]


def test_a_part_payment_is_less_than_the_invoice():
    landlord = read_landlord(TODAY)
    [part] = [one for one in landlord.endings if one.ends == "part-paid"]
    rows = [row for row in values("orderrow") if row["order"] == {"ref": f"order:{part.ordernumber}"}]
    net = sum(Decimal(str(row["quantity"])) * Decimal(str(row["price"])) for row in rows)
    assert part.ore is not None
    assert 0 < part.ore < net * 100


def test_dates_are_counted_from_today():
    assert values("order")[-1]["invoicedate"] == "2026-03-01"
    assert values("order")[-1]["duedate"] == "2026-03-31"


def test_the_landlord_moves_in_once(lime):
    landlord = read_landlord(TODAY)
    assert move_in(landlord, lime)
    assert not move_in(landlord, lime)
    orders = lime.objects("order", "ordernumber", "BB-")
    assert len(orders) == len(landlord.endings)
    assert {order["billectastatus"]["key"] for order in orders} == {"notsent"}


def test_a_refusal_says_what_and_why():
    with pytest.raises(NotPlayed, match="GET /nowhere failed"):
        Lime("http://127.0.0.1:9/kvittens", "key").call("GET", "/nowhere")


class TestMemory:
    def test_it_is_kept_for_its_owner_alone(self, tmp_path):
        file = tmp_path / "var" / "demo.json"
        Memory({"Demo: Lime": "secret"}, played=True).write(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert Memory.read(file) == Memory({"Demo: Lime": "secret"}, played=True)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": 1, "played": true}'])
    def test_a_spoilt_file_is_an_empty_memory(self, tmp_path, text):
        file = tmp_path / "demo.json"
        file.write_text(text)
        assert Memory.read(file) == Memory()


@pytest.mark.django_db
class TestMovedSandboxes:
    @pytest.fixture(autouse=True)
    def _sandboxes(self, settings):
        settings.BILLECTA_IS_SANDBOX = settings.LIME_IS_SANDBOX = True
        settings.BILLECTA_BASE_URL, settings.LIME_BASE_URL = "http://127.0.0.1:8101", "http://127.0.0.1:8102/kvittens"

    def bound_to(self, billecta: str, lime: str) -> None:
        PortalConfiguration.objects.update_or_create(pk=1, defaults={"bound_billecta": billecta, "bound_lime": lime})

    def test_other_ports_of_this_machine_are_followed(self):
        self.bound_to("127.0.0.1:9101", "127.0.0.1:9102/kvittens")
        reset.follow_moved_sandboxes()
        assert why_not_sending() == ""

    def test_a_database_of_real_systems_is_left_alone(self):
        self.bound_to("api.billecta.com", "acme.lime-crm.com/acme")
        reset.follow_moved_sandboxes()
        assert "api.billecta.com" in why_not_sending()

    def test_real_systems_are_never_bound(self, settings):
        settings.LIME_IS_SANDBOX = False
        self.bound_to("127.0.0.1:9101", "127.0.0.1:9102/kvittens")
        reset.follow_moved_sandboxes()
        assert why_not_sending() != ""

    def test_a_database_of_real_systems_is_never_emptied(self, tmp_path):
        from django.core.management.base import CommandError

        self.bound_to("api.billecta.com", "acme.lime-crm.com/acme")
        memory = tmp_path / "demo.json"
        memory.write_text("{}")
        with pytest.raises(CommandError, match="Nothing was removed"):
            reset.forget(memory, [])
        assert memory.exists()


@pytest.mark.django_db
class TestAccess:
    def test_each_human_group_has_one_login(self):
        from integration.admin.groups import ensure_groups

        ensure_groups()
        access.ensure_logins("a long enough password")
        access.ensure_logins("another long password")
        for login in access.LOGINS:
            user = User.objects.get(username=login.username)
            assert user.check_password("another long password")
            assert user.is_staff
            assert not user.is_superuser
            assert [group.name for group in user.groups.all()] == [login.group]

    def test_keys_hold_from_run_to_run(self):
        first = access.ensure_keys({})
        assert access.ensure_keys(first) == first
        again = access.ensure_keys({access.LIME_KEY: first[access.LIME_KEY]})
        assert again[access.LIME_KEY] == first[access.LIME_KEY]
        assert again[access.BILLECTA_KEY] != first[access.BILLECTA_KEY]
        assert ApiKey.objects.filter(name=access.BILLECTA_KEY, revoked_at__isnull=True).count() == 1
