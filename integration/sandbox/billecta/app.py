"""A pretended Billecta over HTTP, faithful to what is published of it; keeps its state in memory or in a file."""

import argparse
import json
import os
from collections.abc import Awaitable, Callable

from aiohttp import web

from integration.sandbox.application import application
from integration.sandbox.billecta.control import add_billecta_control
from integration.sandbox.billecta.lifecycle import schedule
from integration.sandbox.billecta.operations import add_operations
from integration.sandbox.billecta.page import draw
from integration.sandbox.billecta.sandbox import BillectaSandbox, Settings
from integration.sandbox.options import add_common_arguments, parse_headers

PORT = 8101


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `sandbox billecta`."""
    add_common_arguments(parser, PORT)
    settings = Settings()
    parser.add_argument("--username", default=settings.username, help="the API user")
    parser.add_argument("--password", default=settings.password, help="the API user's password")
    parser.add_argument("--send-delay", type=float, default=settings.send_delay, metavar="SECONDS", help="from attest to sent")
    parser.add_argument("--no-limits", action="store_true", help="lift the rate limits")
    default_paths = os.environ.get("BILLECTA_PATHS") or "{}"
    parser.add_argument("--paths", type=_paths, default=default_paths, metavar="JSON", help='operation → "METHOD /path"')


def create_app(options: argparse.Namespace) -> web.Application:
    """The application for parsed options. Raises ValueError for headers or paths that make no sense."""
    settings = Settings(options.username, options.password, options.send_delay)
    sandbox = BillectaSandbox(settings, options.state, open_control=options.open_control)
    sandbox.limits.enabled = not options.no_limits
    sandbox.draw_page = draw
    if options.webhook_url:
        sandbox.webhooks.configure({"url": options.webhook_url, "headers": parse_headers(options.webhook_header)})
    app = application(sandbox)
    app.on_startup.append(_resume_sending(sandbox))
    add_operations(app, options.paths)
    add_billecta_control(app)
    return app


def _resume_sending(sandbox: BillectaSandbox) -> Callable[[web.Application], Awaitable[None]]:
    """Plans again, once the state is read, what an earlier run still had to send."""

    async def resume(_app: web.Application) -> None:
        for invoice in sandbox.books.invoices.values():
            schedule(sandbox, invoice)

    return resume


def _paths(text: str) -> dict[str, str]:
    try:
        overrides = json.loads(text)
    except ValueError:
        overrides = None
    if not isinstance(overrides, dict):
        raise argparse.ArgumentTypeError("must be a JSON object")
    return overrides
