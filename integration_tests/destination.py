"""What Airbyte's destinations make of a sync's records, as SQL: typed rows, all of them or the newest of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from integration_tests.stage import Json, Output

_TYPES = {"string": "text", "integer": "bigint", "number": "numeric", "boolean": "boolean"}


def loaded(outputs: Sequence[Output]) -> str:
    """Return a script that loads the records of some syncs, one after another.

    It makes three schemas with a table for each stream: `raw` holds what came, `appended` every record with the types
    of the discovered schema (Append), `deduped` the one with the largest cursor of each key (Append + Deduped).
    """
    lines = ["create schema raw; create schema appended; create schema deduped;"]
    for name, stream in outputs[-1].catalog.items():
        lines += [*_copied(name, outputs), _appended(name, stream), _deduped(name, stream)]
    return "\n".join(lines)


def _copied(name: str, outputs: Sequence[Output]) -> Iterator[str]:
    yield f"create table raw.{name} (place bigserial, data jsonb);"
    yield f"copy raw.{name} (data) from stdin;"
    for output in outputs:
        for record in output.of_type("RECORD"):
            if record["stream"] == name:
                yield orjson.dumps(record["data"]).decode().replace("\\", r"\\")
    yield r"\."


def _appended(name: str, stream: Json) -> str:
    columns = stream["json_schema"]["properties"].items()
    typed = ", ".join(f"(data->>'{column}')::{_type(schema)} as \"{column}\"" for column, schema in columns)
    return f"create table appended.{name} as select place, {typed} from raw.{name};"  # noqa: S608 - names of our own


def _deduped(name: str, stream: Json) -> str:
    key = ", ".join(f'"{path[0]}"' for path in stream["source_defined_primary_key"])
    (cursor,) = stream["default_cursor_field"]
    columns = ", ".join(f'"{column}"' for column in stream["json_schema"]["properties"])
    order = f'order by "{cursor}" desc nulls last, place desc'
    newest = f"select *, row_number() over (partition by {key} {order}) as version from appended.{name}"  # noqa: S608 - the same
    return (
        f"create table deduped.{name} as select {columns} from ({newest}) as versions where version = 1; "  # noqa: S608 - the same
        f"alter table deduped.{name} add primary key ({key});"
    )


def _type(schema: Json) -> str:
    if schema.get("airbyte_type") == "timestamp_with_timezone":
        return "timestamptz"
    (kind,) = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"]) - {"null"}
    return _TYPES[kind]
