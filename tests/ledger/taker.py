"""A process that takes from a token bucket as fast as it may: `python -m tests.ledger.taker DATABASE_AS_JSON SYSTEM`.

It prints `ready`, waits for a line, then prints the wall-clock time (Unix seconds) of every call it is let through for, until it is ended.
"""

from __future__ import annotations

import json
import sys
import time


def take_until_ended(system: str) -> None:
    """Take again and again; a refusal waits 10 ms."""
    from integration.errors import Throttled
    from integration.ledger.throttle import SharedThrottle

    throttle = SharedThrottle(system)
    print("ready", flush=True)
    sys.stdin.readline()
    while True:
        try:
            throttle.take()
            print(repr(time.time()), flush=True)
        except Throttled:
            time.sleep(0.01)


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": json.loads(sys.argv[1])},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "integration.apps.IntegrationConfig"],
        SECRET_KEY="tests-only",
        USE_TZ=True,
    )
    django.setup()
    take_until_ended(sys.argv[2])
