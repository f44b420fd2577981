"""The command-line options that both sandboxes take."""

import argparse
from pathlib import Path


def add_common_arguments(parser: argparse.ArgumentParser, port: int) -> None:
    """The options that both sandboxes take; `port` is the default one."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=port, help="port to listen on")
    parser.add_argument("--state", type=Path, default=None, metavar="FILE", help="keep the state in this file")
    parser.add_argument("--webhook-url", default=None, help="where to post webhooks")
    parser.add_argument("--webhook-header", action="append", default=[], metavar="NAME=VALUE", help="header of each webhook")
    parser.add_argument(
        "--self-signed", type=Path, default=None, metavar="FILE", help="serve TLS with a self-signed certificate, written to this file"
    )
    parser.add_argument("--open-control", action="store_true", help="answer control calls from other machines too")


def parse_headers(pairs: list[str]) -> dict[str, str]:
    """NAME=VALUE options as headers. Raises ValueError naming the pair that is not one."""
    headers: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"--webhook-header {pair!r} is not NAME=VALUE")
        headers[name.strip()] = value
    return headers
