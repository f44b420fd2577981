"""Measures the receiver: requests a second and p99, beside a view that does nothing under the same server."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tests.load import DO_NOTHING
from tests.load.client import Answers, Load, put
from tests.load.databases import ROOT, Database
from tests.load.portal import RECEIVER, Portal

CONNECTIONS = 16
SECONDS = 6.0
MARK = "00000000-0000-4000-8000-000000000000"
VIEW = ROOT / "tests" / "billecta" / "payloads" / "InvoiceActionView__sent.json"


def delivery() -> str:
    """A webhook as Billecta's documentation suggests it: a whole InvoiceActionView of realistic size, its id to be replaced."""
    view = {**json.loads(VIEW.read_text()), "ActionPublicId": MARK}
    envelope = {"Event": "InvoicePaymentReceived", "Data": view, "AlternateData": None, "CreditorPublicId": view["CreditorPublicId"]}
    return json.dumps(envelope, separators=(",", ":"))


def measure(database: Database, folder: Path, *, synchronous: str) -> dict[str, Any]:
    """The do-nothing view and the receiver at full load, then the receiver at half of what it took."""
    portal = Portal(database, folder)
    key = portal.api_key("billecta-webhook")
    with portal.served() as web:
        load = Load(portal.port, DO_NOTHING, delivery(), MARK, {"x-api-key": key}, CONNECTIONS, SECONDS)
        nothing = put(load)
        full = put(replace(load, path=RECEIVER))
        half = put(replace(load, path=RECEIVER, rate=full.per_second / 2))
        peaks = web.peaks_mib()[1:]
    stored = database.query("SELECT count(*), count(DISTINCT entity_id) FROM integration_webhookevent")[0]
    return {
        "database": database.name,
        "synchronous": synchronous,
        "do_nothing": asdict(nothing),
        "receiver": asdict(full),
        "receiver_at_half": asdict(half),
        "share_of_do_nothing": _share(full, nothing),
        "stored": stored[0],
        "stored_distinct": stored[1],
        "web_worker_peak_mib": max(peaks, default=None),
    }


def _share(full: Answers, nothing: Answers) -> float:
    return round(full.per_second / nothing.per_second, 3) if nothing.per_second else 0.0
