"""What the demo asks of the portal's own API and of the sandboxes' control routes, over HTTP as anybody else would."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

CALL_SECONDS = 30
TASK_SECONDS = 180.0
FINISHED = frozenset({"SUCCESS", "FAILURE"})
DONE = frozenset({"succeeded", "skipped"})


class NotPlayed(Exception):
    """A step of the demo did not work; the message says which and why."""


@dataclass(frozen=True)
class Task:
    """How a command ended: `failures` are the messages of the objects that did not succeed."""

    id: str
    succeeded: int
    failures: Sequence[str]


class Caller:
    """One HTTP server on this machine. Errors and refusals become NotPlayed."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None = None) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update(headers or {})

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The JSON that `path` answers. Raises NotPlayed."""
        try:
            answer = self._session.request(method, f"{self._base_url}{path}", json=body, timeout=CALL_SECONDS, allow_redirects=False)
            if not 200 <= answer.status_code < 300:
                raise NotPlayed(f"{method} {path} was answered with {answer.status_code}: {answer.text[:200]}")
            return answer.json()
        except (requests.RequestException, ValueError) as error:
            raise NotPlayed(f"{method} {path} failed: {error}") from error


class Portal(Caller):
    """The portal's command API, called with Lime's key. `pause` is called between looks at a task."""

    def __init__(self, base_url: str, key: str, pause: Callable[[], None]) -> None:
        super().__init__(base_url, {"x-api-key": key})
        self._pause = pause

    def command(self, command: str, ids: Sequence[int], **options: object) -> Task:
        """Ask for a command on Lime objects and wait until all of them have ended. Raises NotPlayed when they do not in time."""
        asked = self.call("POST", f"/api/v1/commands/{command}/", {"ids": list(ids), "options": options})
        until = time.monotonic() + TASK_SECONDS
        while True:
            task = self.call("GET", f"/api/v1/tasks/{asked['task_id']}/")
            if task["status"] in FINISHED:
                failures = [f"{row['lime_id']}: {row['message']}" for row in task["results"] if row["status"] not in DONE]
                return Task(asked["task_id"], task["succeeded"], failures)
            if time.monotonic() > until:
                raise NotPlayed(f"{command} is not finished after {TASK_SECONDS:.0f} s: {task['done']} of {task['total']}")
            self._pause()


class Lime(Caller):
    """The Lime sandbox: its objects through Lime's API, its seeding through the control route.

    Args:
        base_url: host and database, as in LIME_BASE_URL.
    """

    def __init__(self, base_url: str, key: str) -> None:
        super().__init__(base_url, {"x-api-key": key})
        self._control = Caller(base_url.rpartition("/")[0])

    def objects(self, limetype: str, name: str, beginning: str) -> list[dict[str, Any]]:
        """Up to 50 objects whose text property `name` begins with `beginning`."""
        found = self.call("GET", f"/api/v1/limeobject/{limetype}/?{requests.compat.urlencode({'_limit': 50, name: beginning})}")
        rows: list[dict[str, Any]] = found.get("_embedded", {}).get("limeobjects", [])
        return rows

    def seed(self, objects: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """Create objects that refer to each other, all or none; returns the ids by `ref`."""
        ids: dict[str, int] = self._control.call("POST", "/_sandbox/seed", {"objects": list(objects)})["ids"]
        return ids


class Billecta(Caller):
    """The Billecta sandbox's control routes: what banks and people do there."""

    def pay(self, action_id: str, ore: int | None) -> None:
        """Money comes in for an invoice, in öre; None pays all that is left."""
        self.call("POST", f"/_sandbox/invoices/{action_id}/pay", {"amount_ore": ore})

    def credit(self, action_id: str) -> None:
        """Somebody credits all that is left of an invoice, in Billecta itself."""
        self.call("POST", f"/_sandbox/invoices/{action_id}/credit", {"comment": "Fel period fakturerad"})
