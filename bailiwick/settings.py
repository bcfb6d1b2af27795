"""Every setting, read from the environment once; `bailiwick up` fills the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bailiwick.secret import installation_secret

HOME = Path(os.environ.get("BAILIWICK_HOME", "var")).resolve()
SECRET_KEY = installation_secret(HOME)
DEBUG = False
TLS = os.environ.get("BAILIWICK_TLS") == "1"
ALLOWED_HOSTS = os.environ.get("BAILIWICK_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("BAILIWICK_ORIGINS", "").split(",") if origin]
# Peers whose X-Forwarded-For is believed: addresses, or `unix` for a socket.
TRUSTED_PROXIES = frozenset(os.environ.get("BAILIWICK_PROXIES", "").split(",")) - {""}
# Identity providers on private addresses and without TLS: for tests, and for a provider beside the portal.
SSO_PRIVATE = os.environ.get("BAILIWICK_SSO_PRIVATE") == "1"
PUBLIC_URL = os.environ.get("BAILIWICK_URL", "http://localhost:8080")
# Where devices knock: a door of its own, always with TLS.
DEVICE_URL = os.environ.get("BAILIWICK_DEVICE_URL", "https://localhost:8081")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "bailiwick",
]
MIDDLEWARE = [
    "bailiwick.web.proxy.client_address",
    "bailiwick.web.headers.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bailiwick.web.wall.begin_outside",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "bailiwick.web.sessions.signed_in_user",
    "django_htmx.middleware.HtmxMiddleware",
    "bailiwick.web.sessions.keep_device",
    "bailiwick.web.doorkeeper.require_sign_in",
    "bailiwick.web.doorkeeper.translate_errors",
    "bailiwick.api.problems.answer_problems",
]
ROOT_URLCONF = "bailiwick.urls"
WSGI_APPLICATION = "bailiwick.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "web" / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "bailiwick.web.frame.frame"],
            "builtins": ["django.templatetags.i18n", "bailiwick.web.folding"],
            "libraries": {"static": "bailiwick.web.folding"},
            "loaders": [("bailiwick.web.folding.Loader", ["django.template.loaders.filesystem.Loader"])],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    """Understands `postgresql://user:password@host:port/name?host=/socket/folder` (libpq's form)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "bailiwick.access.postgresql",
        "NAME": parts.path.lstrip("/") or "bailiwick",
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(query.pop("port", parts.port or "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Only cursors that ask for it prepare (engine/listing/grid.py); Django would forbid it to them too.
        # Those have one good plan whatever the values; left to itself the server plans each anew, longer than it runs.
        "OPTIONS": {"prepare_threshold": 5, "options": "-c plan_cache_mode=force_generic_plan", **query},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///bailiwick"))}
# Web, worker and shell run under a role that may add events and not change them (docs/adr/0007); migrations do not.
if os.environ.get("BAILIWICK_DB_ROLE"):
    DATABASES["default"]["OPTIONS"]["assume_role"] = os.environ["BAILIWICK_DB_ROLE"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "bailiwick.User"
AUTHENTICATION_BACKENDS = ["bailiwick.access.login.PasswordBackend"]
PASSWORD_HASHERS = ["bailiwick.access.passwords.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "bailiwick.access.passwords.NoAngleBracketValidator"},
    {"NAME": "bailiwick.access.passwords.TextValidator"},
]
LOGIN_URL = "/sign-in"

# A cookie that is signed for one thing is not taken for another (N-37).
SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False
SESSION_ENGINE = "bailiwick.access.session_store"
# Browsers accept the __Host- prefix only with Secure; on plain loopback they refuse it, so the name follows TLS.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_NAME = "__Host-session" if TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "csrf"
DEVICE_COOKIE_NAME = "__Host-device" if TLS else "device"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 24 * 3600
SESSION_IDLE_SECONDS = 30 * 60
CSRF_FAILURE_VIEW = "bailiwick.web.doorkeeper.csrf_failure"

# Checkpoints of the audit log are always said, one line each; what runs the worker keeps them (docs/adr/0021).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(message)s"}},
    "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"bailiwick.checkpoint": {"handlers": ["line"], "level": "INFO", "propagate": False}},
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# The languages that the portal's own words exist in: a page that is half English and half another helps nobody.
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

EMAIL_HOST = os.environ.get("BAILIWICK_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("BAILIWICK_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("BAILIWICK_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("BAILIWICK_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("BAILIWICK_SMTP_STARTTLS") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("BAILIWICK_MAIL_FROM", "bailiwick@localhost")

# W004 (auth): e-mail addresses are unique among living users, by a conditional constraint.
# W003 (templates): our `static` takes the place of Django's on purpose (web/folding.py).
SILENCED_SYSTEM_CHECKS = ["auth.W004", "templates.W003"]
