"""The settings of the server that is measured: the portal's, with the floor's address."""

from __future__ import annotations

from bailiwick.settings import *  # noqa: F403 -- these are the settings

ROOT_URLCONF = "bench.floor"
