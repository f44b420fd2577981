"""A headless Chromium that opens the portal's pages from a live server and keeps everything that it complains about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import machine
from tests.admin.conftest import _pages_without_a_deployment, person  # noqa: F401  the fixture that serves files without a manifest
from tests.flows.conftest import sandboxes, settle, world  # noqa: F401  fixtures of the flow tests: both systems with a landlord's data

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDE, PHONE = (1440, 900), (390, 844)
SECONDS = 60
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder. Its driver runs an event loop in this thread, which Django must put up with."""
    machine.require("chromium")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=machine.browser(), args=ARGUMENTS)
            yield browser
            browser.close()


@dataclass
class Window:
    """A page of the browser, and what went wrong on it: errors of scripts, of the console, of the policy, and refused requests."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path of the portal and wait until its scripts have run."""
        self.page.goto(f"{self.url}{path}", wait_until="load")
        self.page.wait_for_function("window.Alpine !== undefined && !document.documentElement.hasAttribute('x-cloak')")

    @property
    def too_wide(self) -> int:
        """By how many pixels the page is wider than the window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return max(0, width)

    def listen(self) -> None:
        self.page.on("console", lambda said: self.complaints.append(f"console: {said.text}") if said.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", lambda asked: self._not_ended_early(asked.url, asked.failure))
        self.page.on("response", lambda got: self.complaints.append(f"{got.status}: {got.url}") if got.status >= 400 else None)

    def _not_ended_early(self, url: str, failure: str | None) -> None:
        if failure != "net::ERR_ABORTED":
            self.complaints.append(f"{failure}: {url}")


@pytest.fixture
def window(chromium, live_server) -> Iterator[Callable[..., Window]]:
    """Opens windows: `window()` for nobody, `window(client)` for the person of a Django test client."""
    contexts: list[BrowserContext] = []

    def window(client: Any = None, *, size: tuple[int, int] = WIDE, theme: str = "light", language: str = "en") -> Window:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, locale=language, reduced_motion="reduce"
        )
        contexts.append(context)
        context.set_default_timeout(SECONDS * 1000)
        context.add_init_script(TELL_OF_VIOLATIONS)
        if client is not None:
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        opened = Window(context.new_page(), live_server.url)
        opened.listen()
        return opened

    yield window
    for context in contexts:
        context.close()


@pytest.fixture
def anna(transactional_db) -> Any:
    """An administrator with a password, logged in at a Django test client."""
    from integration.admin.groups import ADMINISTRATORS

    return person("anna", ADMINISTRATORS)
