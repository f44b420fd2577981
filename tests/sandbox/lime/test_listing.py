"""Lists: pages, the next link, order, prefix filters and ranges."""

import pytest


@pytest.fixture
def invoices(lime):
    """Sixty invoices numbered from 1000, due a day apart."""
    lime.seed(
        *(
            {
                "limetype": "invoice",
                "values": {
                    "invoicenumber": str(1000 + number),
                    "amount": number,
                    "duedate": f"2026-{1 + number // 28:02}-{1 + number % 28:02}",
                },
            }
            for number in range(60)
        )
    )
    return lime


def numbers(rows):
    return [row["invoicenumber"] for row in rows]


def test_a_page_holds_ten_unless_asked_and_never_more_than_fifty(invoices):
    assert len(invoices.listed("limeobject/invoice/")) == 10
    assert len(invoices.listed("limeobject/invoice/", _limit=25)) == 25
    assert len(invoices.listed("limeobject/invoice/", _limit=200)) == 50


def test_the_next_link_leads_through_all_pages_and_ends(invoices):
    page = invoices.get("limeobject/invoice/", _limit=25, invoicenumber="10")
    seen = numbers(page["_embedded"]["limeobjects"])
    assert page["_links"]["next"]["href"].endswith("/limeobject/invoice/?_limit=25&invoicenumber=10&_offset=25")
    while "next" in page["_links"]:
        page = invoices.get(page["_links"]["next"]["href"])
        seen += numbers(page["_embedded"]["limeobjects"])
    assert seen == [str(number) for number in range(1000, 1060)]


def test_an_older_server_keeps_only_the_offset(invoices):
    invoices.control("PUT", "modes", {"next_keeps_only_offset": True})
    page = invoices.get("limeobject/invoice/", _limit=25, invoicenumber="10")
    assert page["_links"]["next"]["href"] == f"{invoices.url}/kvittens/api/v1/limeobject/invoice/?_offset=25"


def test_an_empty_list_embeds_nothing_unless_switched_on(lime):
    assert "_embedded" not in lime.get("limeobject/invoice/")
    lime.control("PUT", "modes", {"embedded_when_empty": True})
    assert lime.get("limeobject/invoice/")["_embedded"] == {"limeobjects": []}


def test_text_filters_by_prefix(invoices):
    assert numbers(invoices.listed("limeobject/invoice/", invoicenumber="1004")) == ["1004"]
    assert numbers(invoices.listed("limeobject/invoice/", invoicenumber="105")) == [str(number) for number in range(1050, 1060)]
    assert invoices.listed("limeobject/invoice/", invoicenumber="004") == []


def test_a_prefix_finds_more_than_the_one_meant(lime):
    for number in ("1004", "10040", "10041"):
        lime.create("invoice", invoicenumber=number)
    assert len(lime.listed("limeobject/invoice/", invoicenumber="1004")) == 3


def test_ranges_include_their_ends(invoices):
    assert numbers(invoices.listed("limeobject/invoice/", **{"min-amount": "3", "max-amount": "5"})) == ["1003", "1004", "1005"]
    found = invoices.listed("limeobject/invoice/", **{"min-duedate": "2026-01-27", "max-duedate": "2026-01-28T23:00:00+01:00"})
    assert numbers(found) == ["1026", "1027"]


def test_lists_sort_both_ways_and_by_system_properties(invoices):
    assert numbers(invoices.listed("limeobject/invoice/", _sort="-amount", _limit=2)) == ["1059", "1058"]
    assert numbers(invoices.listed("limeobject/invoice/", _sort="_id", _limit=2)) == ["1000", "1001"]
    invoices.update("invoice", 1005, invoicestatus="completed")
    assert numbers(invoices.listed("limeobject/invoice/", _sort="-_timestamp", _limit=1)) == ["1004"]


def test_options_relations_and_flags_filter_by_equality(lime):
    lime.create("debtor", name="Anna")
    lime.create("order", ordernumber="A", debtor=1001, deliverymethod="email", vatincluded=True)
    lime.create("order", ordernumber="B")
    for parameters in ({"debtor": "1001"}, {"deliverymethod": "email"}, {"vatincluded": "true"}):
        assert [row["ordernumber"] for row in lime.listed("limeobject/order/", **parameters)] == ["A"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"colour": "blue"},
        {"_sort": "colour"},
        {"_limit": "many"},
        {"_offset": "-1"},
        {"min-ocr": "1"},
        {"amount": "much"},
        {"min-duedate": "soon"},
    ],
)
def test_what_lime_does_not_know_is_400(lime, parameters):
    lime.create("invoice", invoicenumber="1")
    assert lime.call("GET", "limeobject/invoice/", params=parameters).status_code == 400
