"""`dongseon stack`: the local broker and database, by hand."""

import json
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.home import default_home
from deploy.local.packages import ensure_programs, ensure_test_tools, find_programs
from deploy.local.process import wait_for_any
from deploy.local.stack import LocalStack
from shared.errors import ConfigError, DependencyMissing, StorageError

app = typer.Typer(no_args_is_help=True)

Home = Annotated[Path | None, typer.Option(help="Folder for data, logs and state.")]
Foreground = Annotated[bool, typer.Option("--foreground", help="Stay; Ctrl-C ends the servers.")]


@app.command()
def up(home: Home = None, *, foreground: Foreground = False) -> None:
    """Start the broker and the database; those that run already are reused."""
    stack = LocalStack(home or default_home(), outlive=not foreground)
    if not foreground:
        stack.start()
        _show(stack)
        return
    # Whatever asks this program to end ends the servers as Ctrl-C does.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        stack.start()
        _show(stack)
        _stay(stack)
    except KeyboardInterrupt:
        _say("stopping")
    finally:
        stack.stop()


@app.command()
def install(
    *,
    tests: Annotated[bool, typer.Option("--tests", help="Also what only tests use.")] = False,
) -> None:
    """Install the Debian packages that are missing, where that is allowed."""
    ensure_programs()
    if tests:
        try:
            ensure_test_tools()
        except DependencyMissing as error:
            _say(f"note: {error}\nwithout it, tests that need it are skipped")


@app.command()
def down(home: Home = None) -> None:
    """End the broker and the database; their data stays."""
    stack = _existing(home)
    stack.stop()
    _say(f"stopped: {stack.home}")


@app.command()
def status(home: Home = None) -> None:
    """Print what runs, as JSON; exit code 1 when not everything does."""
    stack = _existing(home)
    _show(stack)
    if not all(server.running for server in stack.servers):
        raise typer.Exit(1)


def _existing(home: Path | None) -> LocalStack:
    folder = home or default_home()
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no stack was started here; run `dongseon stack up`")
    return LocalStack(folder, programs=find_programs())


def _stay(stack: LocalStack) -> None:
    wait_for_any([server.process for server in stack.servers if server.process])
    ended = [server for server in stack.servers if not server.running]
    raise StorageError(
        "ended by itself: " + ", ".join(f"{server.name}, see {server.log}" for server in ended)
    )


def _show(stack: LocalStack) -> None:
    servers = {
        server.name: {
            "running": server.running,
            "host": server.host,
            "port": server.port,
            "pid": server.process.pid if server.process else None,
            "log": str(server.log),
        }
        for server in stack.servers
    }
    shown = {"home": str(stack.home), **servers, "database_url": stack.database.url("postgres")}
    typer.echo(json.dumps(shown, indent=2))


def _say(text: str) -> None:
    Console(stderr=True).print(text, markup=False, highlight=False)
