"""Starting a sandbox: the command line and the process around the application."""

import argparse
import ssl
import sys
from collections.abc import Sequence
from importlib import import_module

from aiohttp import web

from integration.sandbox.certificate import self_signed

KINDS = ("billecta", "lime")
GRACE_SECONDS = 0.5
"""How long a shutdown waits for calls that are still being held."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sandbox until SIGINT or SIGTERM: `billecta` or `lime`, then its options. Returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    kinds = argparse.ArgumentParser(prog="sandbox", description="A pretended system to try the portal against.", add_help=not arguments[:1])
    kinds.add_argument("kind", choices=KINDS)
    kind = kinds.parse_args(arguments[:1]).kind
    factory = import_module(f"integration.sandbox.{kind}.app")
    parser = argparse.ArgumentParser(prog=f"sandbox {kind}", description=factory.__doc__)
    factory.add_arguments(parser)
    options = parser.parse_args(arguments[1:])
    try:
        app: web.Application = factory.create_app(options)
        tls = self_signed(options.host, options.self_signed) if options.self_signed else None
    except ValueError as error:
        parser.error(str(error))
    run(app, options.host, options.port, kind, tls)
    return 0


def run(app: web.Application, host: str, port: int, kind: str, tls: ssl.SSLContext | None = None) -> None:
    """Serve `app` until a signal; prints the address once it listens."""
    url = f"{'https' if tls else 'http'}://{host}:{port}"

    def announce(*_: object) -> None:
        sys.stdout.write(f"sandbox {kind} listens on {url}  control page: {url}/_sandbox/\n")
        sys.stdout.flush()

    web.run_app(app, host=host, port=port, access_log=None, print=announce, shutdown_timeout=GRACE_SECONDS, ssl_context=tls)
