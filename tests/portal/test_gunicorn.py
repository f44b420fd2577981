"""gunicorn takes the configuration as it is."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def shown(**environment: str) -> str:
    command = [sys.executable, "-m", "gunicorn", "--config", "portal/gunicorn.py", "--print-config", "portal.wsgi"]
    result = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return result.stdout


def test_it_listens_where_the_environment_says():
    assert "127.0.0.1:8123" in shown(PORT="8123")
    assert "10.0.0.5:8000" in shown(BIND_ADDRESS="10.0.0.5")


def test_threads_without_preloading_and_without_a_file_in_the_home():
    settings = dict(line.split("=", 1) for line in shown().splitlines() if "=" in line)
    settings = {name.strip(): value.strip() for name, value in settings.items()}
    assert settings["worker_class"] == "gthread"
    assert settings["preload_app"] == "False"
    assert settings["control_socket_disable"] == "True"
    assert (settings["workers"], settings["threads"]) == ("2", "4")
