"""A customer of the package that this portal replaces: Lime's objects carry Billecta ids already, and get no second counterpart."""

from __future__ import annotations

from typing import Any

import pytest

from integration.models import RecordLink
from integration.sync import versions
from tests.flows.test_main_job import ATTEST, UPSERT
from tests.flows.world import CREDITOR, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer(webhooks: World) -> World:
    """Debtor and articles exist in Billecta without our external ids; Lime's link tables hold their ids."""
    seeded: dict[str, Any] = webhooks.billecta.control(
        "POST",
        "seed",
        {
            "debtors": [{"CreditorPublicId": CREDITOR, "Name": "Anna Andersson", "OrgNo": "19121212-1212"}],
            "products": [
                {
                    "CreditorPublicId": CREDITOR,
                    "ArticleNumber": "HYRA",
                    "Description": "Hyra",
                    "UnitPrice": 4000,
                    "VAT": 0,
                    "IsActive": True,
                    "ProductType": "Service",
                },
                {
                    "CreditorPublicId": CREDITOR,
                    "ArticleNumber": "P",
                    "Description": "Parkering",
                    "UnitPrice": 500,
                    "VAT": 25,
                    "IsActive": True,
                    "ProductType": "Service",
                },
            ],
        },
    )
    debtor, (rent, parking) = seeded["debtors"][0], seeded["products"]
    to = webhooks.ids
    rows = [
        {"limetype": "creditordebtor", "values": {"creditor": to["creditor"], "debtor": to["debtor"], "billectaid": debtor}},
        {"limetype": "creditorarticle", "values": {"creditor": to["creditor"], "article": to["rent"], "billectaid": rent}},
        {"limetype": "creditorarticle", "values": {"creditor": to["creditor"], "article": to["parking"], "billectaid": parking}},
    ]
    webhooks.lime.control("POST", "seed", {"objects": rows})
    webhooks.billecta.control("DELETE", "journal")
    return webhooks


def test_stored_ids_are_verified_and_adopted(customer, ask, settle):
    ask(UPSERT, customer.ids["order"])
    settle()
    assert [customer.effects(effect) for effect in ("creditor.created", "debtor.created", "product.created")] == [[], [], []]
    assert len(customer.effects("invoice.created")) == 1
    adopted = RecordLink.objects.filter(origin=RecordLink.Origin.ADOPTED).values_list("limetype", flat=True)
    assert sorted(adopted) == ["article", "article", "creditor", "debtor"]
    [invoice] = customer.invoices()
    assert all(record["ProductPublicId"] for record in invoice["Records"])
    assert [len(customer.lime_objects(name)) for name in ("creditordebtor", "creditorarticle")] == [1, 2]


def test_an_order_that_holds_its_invoices_id_gets_no_second_invoice(customer, ask, settle):
    ask(UPSERT, customer.ids["order"])
    ask(ATTEST, customer.ids["order"])
    settle()
    [invoice] = customer.invoices()
    _forget_everything()
    ask(ATTEST, customer.ids["order"])
    ask(UPSERT, customer.ids["order"])
    settle()
    assert len(customer.effects("invoice.created")) == 1
    assert RecordLink.objects.get(limetype="order").billecta_id == invoice["ActionPublicId"]


def test_a_refused_command_leaves_the_id_that_lime_holds(customer, ask, settle):
    customer.lime.control("PUT", f"objects/order/{customer.ids['order']}", {"billectaid": "7545769088"})
    ask(ATTEST, customer.ids["order"])
    settle(until=lambda: customer.order_status() == "error")
    assert customer.lime_object("order", customer.ids["order"])["billectaid"] == "7545769088"


def test_a_lime_invoice_that_holds_its_id_gets_no_twin(customer, ask, settle):
    ask(UPSERT, customer.ids["order"])
    ask(ATTEST, customer.ids["order"])
    settle()
    [invoice] = customer.invoices()
    customer.pay(invoice["ActionPublicId"], 1_000_00)
    settle(until=lambda: len(customer.lime_objects("payment")) == 1)
    _forget_everything()
    customer.pay(invoice["ActionPublicId"])
    settle(until=lambda: len(customer.lime_objects("payment")) == 2)
    assert [len(customer.lime_objects(name)) for name in ("invoice", "invoicerow", "payment")] == [1, 2, 2]


def _forget_everything() -> None:
    """The portal starts with an empty database beside systems that are in use."""
    from django.core.management import call_command

    from integration.models import ApiKey, InvoiceVersion, LedgerEntry

    digest, prefix = ApiKey.objects.values_list("digest", "prefix").get()
    LedgerEntry.objects.all()._raw_delete("default")
    InvoiceVersion.objects.all()._raw_delete("default")
    call_command("flush", interactive=False, verbosity=0)
    versions.forget()
    ApiKey.objects.create(name="billecta", digest=digest, prefix=prefix, scopes=[ApiKey.Scope.BILLECTA_WEBHOOK])
    from integration.models import PortalConfiguration, RetryPolicy, TokenBucket

    PortalConfiguration.objects.create(pk=1, settle_seconds=0.2, second_look_seconds=1)
    RetryPolicy.objects.create(error_code="", first_delay_seconds=0.1, growth=1.3)
    for system in ("billecta", "lime"):
        TokenBucket.objects.create(system=system, rate_per_second=1000, burst=1000, enabled=False)
