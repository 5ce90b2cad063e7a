"""Configured catalogs for the programs that are measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_catalog(path: Path, *streams: str) -> Path:
    """Write a catalog that selects these streams whole, and return its path."""
    configured = [
        {
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
        for name in streams
    ]
    path.write_text(json.dumps({"streams": configured}), encoding="utf-8")
    return path
