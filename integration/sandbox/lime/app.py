"""A pretended Lime CRM: limeobject, limetype, query, file, user and subscription APIs, webhooks, faults and a page that shows it all."""

import argparse
import re
from pathlib import Path

from aiohttp import web

from integration.sandbox.application import application
from integration.sandbox.lime.control_routes import add_lime_control_routes
from integration.sandbox.lime.object_routes import add_object_routes
from integration.sandbox.lime.pages import overview_page
from integration.sandbox.lime.platform_routes import add_platform_routes
from integration.sandbox.lime.sandbox import DEFAULT_SCHEMA, LimeSandbox, Settings
from integration.sandbox.lime.subscription_routes import add_subscription_routes
from integration.sandbox.options import add_common_arguments, parse_headers

DEFAULT_PORT = 8102
SCHEMAS = DEFAULT_SCHEMA.parent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Lime's options of the command line."""
    defaults = Settings()
    add_common_arguments(parser, DEFAULT_PORT)
    parser.add_argument("--database", default=defaults.database, help="name of the database in the path; it may hold a space")
    parser.add_argument("--api-key", default=defaults.api_key, help="the API user's key")
    parser.add_argument("--schema", default="default", metavar="NAME|FILE", help="default, alternative or a schema file")
    parser.add_argument("--webhook-secret", default="", help="secret that signs the webhooks to --webhook-url")


def create_app(options: argparse.Namespace) -> web.Application:
    """The application for parsed options. Raises ValueError when the schema or a header is malformed."""
    settings = Settings(
        database=options.database,
        api_key=options.api_key,
        schema=_schema_path(options.schema),
        webhook_url=options.webhook_url or "",
        webhook_secret=options.webhook_secret,
        webhook_headers=parse_headers(options.webhook_header),
    )
    return lime_app(LimeSandbox(settings, options.state, open_control=options.open_control))


def lime_app(sandbox: LimeSandbox) -> web.Application:
    """The application around a sandbox."""
    app = application(sandbox)
    sandbox.draw_page = overview_page
    # As a pattern, since the router looks for a literal segment with a space in its encoded form only and never finds it.
    root = f"/{{database:{re.escape(sandbox.settings.database)}}}/api/"
    add_object_routes(app.router, f"{root}v1/")
    add_platform_routes(app.router, f"{root}v1/")
    add_subscription_routes(app.router, root)
    add_lime_control_routes(app)
    return app


def _schema_path(name: str) -> Path:
    built_in = SCHEMAS / f"{name}.json"
    return built_in if built_in.exists() else Path(name)
