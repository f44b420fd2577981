"""Every page that people use each day, opened in a browser: both themes, both widths, both languages, without a complaint."""

from __future__ import annotations

import pytest

from integration.models import Batch
from tests.admin.conftest import entry, event, heartbeat, invoice, order, payment, work, worked_on
from tests.browser.conftest import PHONE, WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FACES = [(WIDE, "light", "en"), (WIDE, "dark", "sv"), (PHONE, "light", "sv"), (PHONE, "dark", "en")]
"""Width, theme and language: four faces hold every pair of their values."""


@pytest.fixture
def addresses(anna) -> list[str]:
    """The pages, each with rows that fill it."""
    for make in (entry, payment, heartbeat, order, invoice):
        make()
    event("failed", reason="A reason that is long enough to be cut where there is little room for it in a list")
    record, shown, running = worked_on(), order(), Batch.objects.create(command="attest-orders-in-billecta", total=2)
    for state in ("pending", "failed"):
        work(state, batch=running)
    lists = [f"/admin/integration/{model}/" for model in ("order", "invoice", "payment", "webhookevent", "syncrecord", "batch")]
    return [
        *("/admin/", *lists, "/admin/commands/order/"),
        f"/admin/integration/order/{shown.pk}/change/",
        f"/admin/integration/syncrecord/{record.pk}/change/",
        f"/admin/integration/batch/{running.pk}/change/",
    ]


@pytest.mark.parametrize(("size", "theme", "language"), FACES)
def test_every_page_opens_without_a_complaint(window, anna, addresses, size, theme, language):
    opened = window(anna, size=size, theme=theme, language=language)
    for address in addresses:
        opened.open(address)
        assert opened.page.evaluate("document.documentElement.lang") == language, address
        assert opened.page.evaluate("document.documentElement.classList.contains('dark')") is (theme == "dark"), address
        assert opened.too_wide == 0, address
        assert opened.complaints == [], address


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_logging_in_opens_the_overview(window, anna, size):
    opened = window(size=size)
    opened.open("/admin/")
    opened.page.fill("#id_username", "anna")
    opened.page.fill("#id_password", "a-long-password-1")
    opened.page.click("text=Log in")
    opened.page.wait_for_url("**/admin/")
    opened.page.wait_for_selector("text=Sending is on")
    assert (opened.too_wide, opened.complaints) == (0, [])


def test_the_window_notices_an_inline_handler_and_a_page_that_is_too_wide(window, anna):
    opened = window(anna, size=PHONE)
    opened.open("/admin/")
    wide = '<div style="position:absolute;left:0;top:0;width:900px;height:1px" onclick="1"></div>'
    opened.page.evaluate("html => document.documentElement.insertAdjacentHTML('beforeend', html)", wide)
    opened.page.wait_for_timeout(50)
    assert opened.too_wide > 0
    assert [complaint for complaint in opened.complaints if "script-src" in complaint]
