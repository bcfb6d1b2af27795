"""Why an edge has not what it should have, and why a roll-out was halted, as people read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

WHY = {
    "inactive": gettext_lazy("It is not active any more."),
    "other_profile": gettext_lazy("It has another operator profile now."),
    "not_back": gettext_lazy("It was not heard again."),
    "not_changed": gettext_lazy("It still runs the former software."),
}
REASONS = {
    "too_many_failures": gettext_lazy("More edges failed than it may."),
    "image_deprecated": gettext_lazy("The image was deprecated."),
}
STATES = {
    "running": gettext_lazy("Running"),
    "paused": gettext_lazy("Paused"),
    "halted": gettext_lazy("Halted"),
    "done": gettext_lazy("Done"),
    "taken_back": gettext_lazy("Taken back"),
}
STEPS = {
    "waiting": gettext_lazy("waiting"),
    "ordered": gettext_lazy("under way"),
    "away": gettext_lazy("offline: when it is back"),
    "done": gettext_lazy("done"),
    "failed": gettext_lazy("failed"),
    "skipped": gettext_lazy("left out"),
}
