"""What the whole suite has loaded is no garbage: Python does not look through all of it again and again."""

from __future__ import annotations

import gc

# A tenth of a run's processor time went into looking, before.
gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish() -> None:
    """What lives now lives until the end of the run."""
    gc.collect()
    gc.freeze()
