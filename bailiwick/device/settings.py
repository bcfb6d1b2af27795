"""The settings of this door: those of the portal, without sessions, pages and people."""

from __future__ import annotations

from bailiwick.settings import *  # noqa: F403 -- Django's way to begin from other settings
from bailiwick.settings import DATABASES as PORTALS

# Two round trips a heartbeat: a connection that broke is a 503, after which the device asks again and it is made anew.
DATABASES = {"default": {**PORTALS["default"], "CONN_HEALTH_CHECKS": False}}
ALLOWED_HOSTS = ["*"]  # a device calls us by the name that it was given; nothing is made from that name
ROOT_URLCONF = "bailiwick.device.urls"
WSGI_APPLICATION = "bailiwick.device.wsgi.application"
MIDDLEWARE = ["bailiwick.device.answers.answer"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
