"""A real PostgreSQL server of the tests' own: on a loopback port, with a fresh database for each test."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.patience import PATIENCE

PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")


class Postgres:
    """A server that forgets everything when the tests end. Only a `durable` one would survive a power cut."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        self._binaries = binaries
        self._fsync = "on" if durable else "off"
        self._folder = Path(tempfile.mkdtemp(prefix="shipmate-postgres-"))
        self._log = self._folder.with_suffix(".log")
        # PostgreSQL refuses to run as root; where the tests do, its own user takes over.
        self._user = "postgres" if os.getuid() == 0 else None
        self._port = _free_port()
        self._made = 0

    def start(self) -> None:
        """Make the cluster and start the server."""
        if self._user:
            shutil.chown(self._folder, self._user)
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", "shipmate", "--auth=trust", "--no-sync", "-E", "UTF8")
        self.serve()

    def serve(self) -> None:
        """Start the server, for the first time or after `fall`."""
        data = str(self._folder / "data")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync={self._fsync} -k {self._folder}"
        self._run("pg_ctl", "-D", data, "-w", "-l", f"{data}.log", "-o", options, "start")

    def fall(self) -> None:
        """End the server as a crash would."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def stop(self) -> None:
        """End the server and remove what it kept."""
        self.fall()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._log.unlink(missing_ok=True)

    def fresh(self) -> str:
        """Make a database; answer its URL."""
        self._made += 1
        name = f"shipmate_{self._made}"
        server = f"postgresql://shipmate@127.0.0.1:{self._port}/postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://shipmate@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *words: str) -> None:
        # The server keeps what it inherits: with a pipe the call would wait for it for ever.
        with self._log.open("ab") as log:
            subprocess.run(
                [str(self._binaries / program), *words],
                cwd=self._folder,
                user=self._user,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdout=log,
                stderr=log,
                check=True,
                timeout=PATIENCE,
            )


def binaries() -> Path | None:
    """Find the newest PostgreSQL server of this machine."""
    found = [each for place in PLACES for each in Path(place).glob("**/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path))
    return max(found, key=str).parent if found else None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
