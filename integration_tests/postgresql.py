"""A PostgreSQL of the test's own: Debian's programs, a folder that goes away, a socket in it and no port."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = 0
UNPRIVILEGED = ("postgres", "nobody")
"""Users who may run the server where the tests are run by root, whom PostgreSQL refuses."""

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "5",
    "timezone": "UTC",
}


class PostgreSQL:
    """A running server; `folder` holds its socket."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder

    def run(self, script: str) -> None:
        """Run statements, `COPY … FROM STDIN` with its lines among them; the first that fails ends it."""
        self._psql(script)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return what a query returns; instants as text in UTC."""
        answer = self._psql(f"select coalesce(json_agg(row), '[]') from ({query}) as row")  # noqa: S608 - the test's own
        found: list[dict[str, Any]] = json.loads(answer)
        return found

    def _psql(self, script: str) -> str:
        where = ["--host", str(self._folder), "--username", "tester", "--dbname", "postgres"]
        how = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--tuples-only", "--no-align"]
        command = [str(self._programs / "psql"), *where, *how]
        ran = subprocess.run(command, check=False, input=script, capture_output=True, text=True, encoding="utf-8")
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


def programs() -> Path | None:
    """Return the folder of the newest server's programs, where Debian puts them or on the path; None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


def _version(program: Path) -> float:
    return float(program.parts[-3])


@contextmanager
def postgresql(programs: Path) -> Iterator[PostgreSQL]:
    """Start a server in a folder of its own, and leave nothing of it behind."""
    with TemporaryDirectory(prefix="fivetran-tables-") as name:
        folder = Path(name)
        owner = _owner()
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = folder / "data"
        control = [str(programs / "pg_ctl"), f"--pgdata={data}", "--silent"]
        made_with = ["--username=tester", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        _run([str(programs / "initdb"), f"--pgdata={data}", *made_with], folder, owner)
        settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
        lines = [f"{setting} = '{value}'\n" for setting, value in settings.items()]
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(lines)
        _run([*control, "--wait", f"--log={folder / 'log'}", "start"], folder, owner)
        try:
            yield PostgreSQL(programs, folder)
        finally:
            _run([*control, "--wait", "--mode=immediate", "stop"], folder, owner)


def _owner() -> pwd.struct_passwd | None:
    """Return who has to own the server; None where it is whoever runs the tests."""
    if os.geteuid() != ROOT:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


def _run(command: list[str], folder: Path, owner: pwd.struct_passwd | None) -> None:
    identity: dict[str, Any] = {}
    if owner is not None:
        identity = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    ran = subprocess.run(
        command,
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        **identity,
    )
    log = folder / "log"
    assert ran.returncode == 0, ran.stderr + (log.read_text(encoding="utf-8") if log.exists() else "")
