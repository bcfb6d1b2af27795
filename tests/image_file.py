"""Files of software images, right ones and wrong ones."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

FILES = {"boot/kernel": b"a kernel", "root.squashfs": b"a root file system" * 1000}


def archive(image: Any, files: dict[str, bytes] | None = None, **manifest: Any) -> bytes:
    """The file of this image; `manifest` says something else of it."""
    files = FILES if files is None else files
    told = {name: getattr(image, name) for name in ("name", "version", "build_number", "device_family")}
    told |= {"files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}, **manifest}
    return packed({"manifest.json": json.dumps(told).encode(), **files})


def packed(files: dict[str, bytes]) -> bytes:
    """They, in one ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
