"""`kill -9` over the main job: what was asked for is there once, in Billecta, in Lime and in the portal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parents[2]
KILLS = 5


def test_a_portal_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing():
    services = ["--services"] if os.environ.get("KVITTENS_TEST_SERVICES") == "1" else []
    command = [sys.executable, "-m", "tests.crash", "--kills", str(KILLS), *services]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=380, check=False)
    said = done.stdout + done.stderr[-4000:]
    assert done.returncode == 0, said
    assert f"{KILLS + 1} kills" in said
    assert "lost = 0, doubled = 0" in said
