"""Every setting of the portal, read once from the environment; what admins may change at run time lives in the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.environment import Environment, boolean, encryption_keys, http_url, json_texts, number, one_of, readable_file, words
from portal.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
env = Environment(BASE_DIR / os.environ.get("ENV_FILE", ".env"))
FERNET_EXAMPLE = "kR2mXo0c1mJ4n5b6v7c8x9z0q1w2e3r4t5y6u7i8o9A="

# --- Core ----------------------------------------------------------------------------------------------------------

SECRET_KEY = env.text("SECRET_KEY", example="50-or-more-random-characters")
FIELD_ENCRYPTION_KEYS = env.parsed("FIELD_ENCRYPTION_KEYS", encryption_keys, example=FERNET_EXAMPLE)
DEBUG = env.parsed("DEBUG", boolean, default="false", example="false")
PORTAL_BASE_URL = env.parsed(
    "PORTAL_BASE_URL", http_url, default=f"http://localhost:{os.environ.get('PORT', '8000')}", example="https://kvittens.example.se"
)
ALLOWED_HOSTS = env.parsed("ALLOWED_HOSTS", words, default="localhost,127.0.0.1", example="kvittens.example.se")
CSRF_TRUSTED_ORIGINS = env.parsed("CSRF_TRUSTED_ORIGINS", words, default=PORTAL_BASE_URL, example="https://kvittens.example.se")
TRUSTED_PROXY_COUNT = env.parsed("TRUSTED_PROXY_COUNT", number, default="0", example="1")

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "integration",
    "reports",
]

MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database ------------------------------------------------------------------------------------------------------

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;"
)


def _database(url: str) -> dict[str, Any]:
    """Django's database settings for a URL; SQLite gets WAL and write transactions that lock when they begin."""
    try:
        config = dict(environ.Env.db_url_config(url))
    except (ValueError, KeyError, environ.ImproperlyConfigured) as error:
        raise ValueError(str(error)) from None
    engine = config.get("ENGINE", "")
    if engine.endswith("sqlite3"):
        config["ENGINE"] = "portal.sqlite3"
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
        config["CONN_MAX_AGE"] = None
        config["TEST"] = {"NAME": f"{config['NAME']}.test"}
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    elif "postgresql" in engine:
        config["CONN_MAX_AGE"] = 600
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ValueError("the portal runs on SQLite or PostgreSQL")
    return config


DATABASES = {
    "default": env.parsed(
        "DATABASE_URL",
        _database,
        default=f"sqlite:///{VAR_DIR / 'kvittens.sqlite3'}",
        example="postgres://kvittens:secret@db:5432/kvittens",
    )
}
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")

# --- Queue and cache -----------------------------------------------------------------------------------------------

REDIS_URL = env.text("REDIS_URL", default="", example="redis://localhost:6379/0")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
    raise ImproperlyConfigured(
        "REDIS_URL is malformed. Set it in the environment or in .env, for example: REDIS_URL=redis://localhost:6379/0"
    )

# A task only wakes the drain (see docs/architecture.md): its loss costs time, never work. So a task is acknowledged even
# when it fails, tried once, and `retry` outlasts every task that can wait in a worker's memory.
DRAIN_SECONDS = 20
Q_CLUSTER: dict[str, Any] = {
    "name": "kvittens",
    "workers": env.parsed("WORKERS", number, default="2", example="2"),
    "timeout": 300,
    "retry": 3600,
    "queue_limit": 4,
    "bulk": 1,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 100,
    "poll": 0.2,
    "guard_cycle": 1,
    "label": "Django Q",
}
Q_CLUSTER |= {"redis": REDIS_URL} if REDIS_URL else {"orm": "default", "has_replica": False}

CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "kvittens"}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- The two systems -----------------------------------------------------------------------------------------------

# With SANDBOX on, a side without an address of its own is the sandbox on this machine. `make demo` turns it on in .env.
SANDBOX = env.parsed("SANDBOX", boolean, default="false", example="false")
SANDBOX_BILLECTA_URL = f"http://127.0.0.1:{env.parsed('SANDBOX_BILLECTA_PORT', number, default='8101', example='8101')}"
SANDBOX_LIME_URL = f"http://127.0.0.1:{env.parsed('SANDBOX_LIME_PORT', number, default='8102', example='8102')}/kvittens"
BILLECTA_IS_SANDBOX = SANDBOX and not os.environ.get("BILLECTA_BASE_URL")
LIME_IS_SANDBOX = SANDBOX and not os.environ.get("LIME_BASE_URL")

BILLECTA_BASE_URL = env.parsed(
    "BILLECTA_BASE_URL", http_url, default=SANDBOX_BILLECTA_URL if BILLECTA_IS_SANDBOX else None, example="https://api.billecta.com"
)
BILLECTA_AUTHENTICATION = env.text(
    "BILLECTA_AUTHENTICATION", default="Basic c2FuZGJveDpzYW5kYm94" if BILLECTA_IS_SANDBOX else None, example="Basic dXNlcjpwYXNzd29yZA=="
)
BILLECTA_AUTHENTICATION_BY_CREDITOR = env.parsed(
    "BILLECTA_AUTHENTICATION_BY_CREDITOR", json_texts, default="{}", example='{"0a1b…": "Basic dXNlcjpwYXNz"}'
)
BILLECTA_PATHS = env.parsed("BILLECTA_PATHS", json_texts, default="{}", example='{"credit": "POST /v1/invoice/credit"}')
LIME_BASE_URL = env.parsed(
    "LIME_BASE_URL", http_url, default=SANDBOX_LIME_URL if LIME_IS_SANDBOX else None, example="https://acme.lime-crm.com/acme"
)
LIME_API_KEY = env.text(
    "LIME_API_KEY", default="sandbox-lime-key" if LIME_IS_SANDBOX else None, example="the key of the portal's own API user in Lime"
)
LIME_WEBHOOK_SECRETS = env.parsed("LIME_WEBHOOK_SECRETS", words, default="", example="new-secret,old-secret")

# On-premises systems often have a certificate authority of their own. Certificates are always verified.
REMOTE_CA_FILE = env.parsed("REMOTE_CA_FILE", readable_file, default="", example="/etc/ssl/certs/our-authority.pem")

# The most that one remote call may take, its quick retry included; a lease outlasts two of them.
REMOTE_DEADLINE_SECONDS = 30.0

# --- The receiver --------------------------------------------------------------------------------------------------

# Where Billecta's envelope may hold its parts; the format is not published (docs/decisions/assumptions-about-billecta.md).
BILLECTA_ENVELOPE = {
    "event": ("Event", "EventType", "EventName", "Trigger", "WebhookTriggerType", "Type"),
    "data": ("Data", "Payload", "Entity", "Object"),
    "alternate": ("AlternateData", "AlternatePayload"),
}
RECEIVER_MAX_BYTES = 1024 * 1024
RECEIVER_MAX_DEPTH = 50
DATA_UPLOAD_MAX_MEMORY_SIZE = RECEIVER_MAX_BYTES + 1024

# --- People, language, time ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
EMAIL_CONFIG = environ.Env.email_url_config(
    env.text("EMAIL_URL", default="consolemail://", example="smtp+tls://user:password@mail.example.se:587")
)
vars().update(EMAIL_CONFIG)

# --- Security ------------------------------------------------------------------------------------------------------

_OVER_TLS = PORTAL_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _OVER_TLS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = _OVER_TLS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if _OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _OVER_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Unfold's Alpine build evaluates expressions and sets inline styles; no inline script is allowed.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    },
}

# --- Static files --------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- API -----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integration.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["integration.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend", "rest_framework.filters.SearchFilter"],
    "DEFAULT_PAGINATION_CLASS": "integration.api.pagination.NewestFirstPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "integration.api.errors.error_response",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kvittens",
    "DESCRIPTION": "The portal between Lime CRM and Billecta. An address answers 405 to a method that it does not take.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["integration.api.permissions.HasScope"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "integration.api.openapi.document_errors"],
}

# --- Logs ----------------------------------------------------------------------------------------------------------

LOG_FORMAT = env.parsed("LOG_FORMAT", one_of("text", "ecs"), default="text", example="ecs")
LOGGING = logging_config(LOG_FORMAT)

from portal.look import UNFOLD  # noqa: E402, F401  the admin's name, colours and navigation
