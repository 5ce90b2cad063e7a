"""The reference that Airbyte's own tools make: `plain_manifest.yaml` through airbyte-cdk's command line, nothing else.

`python -m benchmarks.plain_source read --config … --catalog …`
"""

from __future__ import annotations

import sys
from pathlib import Path

from airbyte_cdk.entrypoint import AirbyteEntrypoint, launch
from airbyte_cdk.sources.declarative.yaml_declarative_source import YamlDeclarativeSource

MANIFEST = Path(__file__).with_name("plain_manifest.yaml")


def main(arguments: list[str]) -> None:
    """Run one command of Airbyte's protocol."""
    config, catalog = AirbyteEntrypoint.extract_config(arguments), AirbyteEntrypoint.extract_catalog(arguments)
    source = YamlDeclarativeSource(
        path_to_yaml=str(MANIFEST),
        config=YamlDeclarativeSource.read_config(config) if config else None,
        catalog=YamlDeclarativeSource.read_catalog(catalog) if catalog else None,
    )
    launch(source, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
