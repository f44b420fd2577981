"""How gunicorn serves the portal: `gunicorn --config portal/gunicorn.py portal.wsgi`. Every name here is one of gunicorn's settings."""

from __future__ import annotations

import os
from pathlib import Path

from portal.environment import Environment, number

_root = Path(__file__).resolve().parent.parent
_env = Environment(_root / os.environ.get("ENV_FILE", ".env"))

chdir = str(_root)
_address = _env.text("BIND_ADDRESS", default="127.0.0.1", example="10.0.0.5")
bind = f"{_address}:{_env.parsed('PORT', number, default='8000', example='8000')}"
proc_name = "kvittens"

worker_class = "gthread"
workers = _env.parsed("WEB_WORKERS", number, default="2", example="2")
threads = _env.parsed("WEB_THREADS", number, default="4", example="4")
preload_app = False
backlog = 2048

# The longest request is one of the few that call Billecta while the caller waits: 15 s in all.
timeout = 60
graceful_timeout = 20
keepalive = 5

# A body's size is Django's to refuse (RECEIVER_MAX_BYTES), so that the answer is JSON and the refusal is counted.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190

accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
