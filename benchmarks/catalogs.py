"""Configured catalogs for the programs that are measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_catalog(path: Path, *streams: str, sync_mode: str = "full_refresh") -> Path:
    """Write a catalog that selects these streams, and return its path."""
    configured = [
        {
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
            "sync_mode": sync_mode,
            "destination_sync_mode": "append",
        }
        for name in streams
    ]
    path.write_text(json.dumps({"streams": configured}), encoding="utf-8")
    return path
