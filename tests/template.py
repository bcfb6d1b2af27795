"""The tables are made once a run: the database of each xdist worker begins as a copy of the first."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connection

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

TEMPLATE = "bailiwick_template"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Where one process runs alone there is nothing to copy."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    made = Path(os.environ["BAILIWICK_HOME"]) / "template"
    with made.with_suffix(".lock").open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make()
            made.touch()
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _make() -> None:
    """As Django makes a test database; nobody may be connected to what is copied."""
    own, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    name, test["NAME"] = test["NAME"], TEMPLATE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    test["NAME"] = name
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = own
