"""A sandbox Lime in a thread of the test, a caller of its API and a receiver of its webhooks."""

import asyncio
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import requests
from aiohttp import web

from integration.sandbox.lime.app import SCHEMAS, lime_app
from integration.sandbox.lime.sandbox import LimeSandbox, Settings

KEY = "sandbox-lime-key"
WAIT_SECONDS = 60.0


class ServerThread:
    """Serves an aiohttp application on a free port in a thread of its own while the context lasts."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Any) -> Any:
        """Run a coroutine in the server's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_SECONDS)

    async def _start(self) -> None:
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"


class Lime:
    """A running sandbox and a caller with its key."""

    def __init__(self, sandbox: LimeSandbox, server: ServerThread) -> None:
        self.sandbox = sandbox
        self.url = server.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["x-api-key"] = KEY

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the API; `path` is what follows /api/v1/, or an absolute address."""
        address = path if path.startswith("http") else f"{self.url}/{self.sandbox.settings.database}/api/v1/{path}"
        return self.session.request(method, address, timeout=WAIT_SECONDS, **options)

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a GET that succeeds."""
        answer = self.call("GET", path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, limetype: str, **values: Any) -> dict[str, Any]:
        """A created object."""
        answer = self.call("POST", f"limeobject/{limetype}/", json=values)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def update(self, limetype: str, record_id: int, **values: Any) -> dict[str, Any]:
        """An updated object."""
        answer = self.call("PUT", f"limeobject/{limetype}/{record_id}/", json=values)
        assert answer.status_code == 200, answer.text
        updated: dict[str, Any] = answer.json()
        return updated

    def listed(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """The objects on one page of a list."""
        objects: list[dict[str, Any]] = self.get(path, **parameters).get("_embedded", {}).get("limeobjects", [])
        return objects

    def query_answer(self, limetype: str, selected: dict[str, Any], **query: Any) -> requests.Response:
        """The answer of the query API."""
        document = {"limetype": limetype, "responseFormat": {"object": selected}, **query}
        return self.call("GET", "query/", params={"q": json.dumps(document)})

    def query(self, limetype: str, selected: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        """The objects that a query finds."""
        answer = self.query_answer(limetype, selected, **query)
        assert answer.status_code == 200, answer.text
        objects: list[dict[str, Any]] = answer.json()["objects"]
        return objects

    def control(self, method: str, path: str, data: Any = None, status: int = 200) -> Any:
        """The JSON of a control call; `path` is what follows /_sandbox/."""
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=data, timeout=WAIT_SECONDS)
        assert answer.status_code == status, answer.text
        return answer.json()

    def seed(self, *objects: dict[str, Any], events: bool = False) -> dict[str, int]:
        """Seeded objects' ids by ref."""
        ids: dict[str, int] = self.control("POST", "seed", {"objects": objects, "events": events}, 201)["ids"]
        return ids

    def effects(self) -> list[dict[str, Any]]:
        """The journalled effects."""
        return self.sandbox.journal.entries(kind="effect")

    def subscribe(self, url: str, *events: str, version: int = 2, **more: Any) -> requests.Response:
        """Create a subscription."""
        address = f"{self.url}/{self.sandbox.settings.database}/api/v{version}/subscription/"
        return self.call("POST", address, json={"events": events, "target_url": url, **more})


@dataclass(frozen=True)
class Received:
    """One webhook as it arrived, `at` seconds of the monotonic clock."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def data(self) -> dict[str, Any]:
        """The body's JSON."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


class Receiver:
    """Collects webhooks; answers the statuses in `answers` in turn, then 200, each after `delay` seconds."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        self.delay = 0.0
        self.app = web.Application()
        self.app.router.add_post("/hook", self._receive)
        self.url = ""

    def wait_for(self, count: int) -> list[Received]:
        """What arrived, once there are `count` or more of it."""
        until = time.monotonic() + WAIT_SECONDS
        while len(self.received) < count:
            assert time.monotonic() < until, f"{len(self.received)} of {count} webhooks came"
            time.sleep(0.005)
        return self.received

    async def _receive(self, request: web.Request) -> web.Response:
        at, body = time.monotonic(), await request.read()
        status, delay = self.answers.pop(0) if self.answers else 200, self.delay
        self.received.append(Received(dict(request.headers), body, at))
        await asyncio.sleep(delay)
        return web.Response(status=status)


def sandbox(schema: str = "default", state: Path | None = None, **settings: Any) -> LimeSandbox:
    """A sandbox with a schema of this package."""
    return LimeSandbox(Settings(schema=SCHEMAS / f"{schema}.json", **settings), state)


def serve(pretended: LimeSandbox) -> ServerThread:
    """A server for a sandbox."""
    return ServerThread(lime_app(pretended))
