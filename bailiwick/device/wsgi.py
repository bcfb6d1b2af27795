"""What gunicorn serves to devices: the certificate that the connection showed stands where no request can write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

os.environ["DJANGO_SETTINGS_MODULE"] = "bailiwick.device.settings"

from django.core.wsgi import get_wsgi_application

from bailiwick.fleet import gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SHOWN = "bailiwick.certificate"
door = get_wsgi_application()
# Said by up/device_settings.py, in a process that lives; elsewhere each heartbeat is written at once.
if seconds := float(os.environ.get("BAILIWICK_GATHERED_SECONDS", "0")):
    gathering.begin(seconds)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serves a request; TLS has verified what the device showed (up/device_settings.py)."""
    environ[SHOWN] = environ["gunicorn.socket"].getpeercert(binary_form=True)
    return door(environ, start_response)
