"""An order goes to Billecta click by click, from the list of orders to the result on the task's page."""

from __future__ import annotations

import pytest

from integration.models import Batch
from tests.browser.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_order_is_tried_sent_and_attested(window, anna, world, settle):
    opened = window(anna)
    page = opened.page
    opened.open("/admin/integration/order/")
    page.click("text=Send to Billecta")
    page.fill("#id_ids", str(world.ids["order"]))
    page.click("text=Dry run")
    page.wait_for_selector("text=Can be sent")
    assert world.effects("invoice.created") == []

    page.click("button:has-text('Start')")
    page.wait_for_selector("text=Create or update the chosen orders (1) in Billecta?")
    page.click("button:has-text('Start')")
    page.wait_for_selector("#task[data-status='PENDING']")
    settle()
    page.wait_for_selector("#task[data-status='SUCCESS']")
    assert page.url.endswith(f"/admin/integration/batch/{Batch.objects.get().pk}/change/")
    assert page.locator("#task").get_attribute("hx-get") is None
    [sent] = world.effects("invoice.created")

    opened.open("/admin/integration/order/")
    page.click(f"text={world.ids['order']}")
    page.click("button:has-text('Attest')")
    page.wait_for_selector("text=This cannot be undone.")
    page.click("button.kv-button-danger")
    page.wait_for_selector("#task")
    settle()
    page.wait_for_selector("#task[data-status='SUCCESS']")
    assert [effect["action"] for effect in world.effects("invoice.attested")] == [sent["action"]]
    assert opened.complaints == []


def test_chosen_orders_are_sent_from_the_list_on_a_phone(window, anna):
    from tests.admin.conftest import order

    chosen, _left = order(), order()
    opened = window(anna, size=PHONE)
    page = opened.page
    opened.open("/admin/integration/order/")
    page.locator(f"input.action-select[value='{chosen.pk}']").check()
    page.select_option("select[name='action']", label="Send orders to Billecta")
    page.click("button:has-text('Run')")
    page.wait_for_selector("text=Create or update the chosen orders (1) in Billecta?")
    assert opened.too_wide == 0
    page.click("button:has-text('Start')")
    page.wait_for_selector(f"#task [data-lime-id='{chosen.lime_id}']")
    assert (opened.too_wide, opened.complaints) == (0, [])
    assert Batch.objects.get().body["ids"] == [chosen.lime_id]


def test_a_mistake_is_named_where_it_was_made_and_options_follow_the_command(window, anna):
    opened = window(anna)
    page = opened.page
    opened.open("/admin/commands/order/")
    day = page.locator("input[type='date']")
    assert not day.is_visible()
    page.click("text=Attest orders in Billecta")
    day.fill("2026-12-24")
    page.fill("#id_ids", "1001 12x")
    page.click("button:has-text('Start')")
    page.wait_for_selector("text='12x' is no Lime id")
    assert (day.is_visible(), day.input_value()) == (True, "2026-12-24")
    assert not Batch.objects.exists()
    assert opened.complaints == []
