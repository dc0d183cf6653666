"""The local stack serves, survives crashes, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local.database import Database
from deploy.local.home import server_user
from deploy.local.process import ProcessName
from deploy.local.server import Server
from deploy.local.stack import LocalStack
from shared.errors import ConfigError, StorageError
from tests.waiting import LONG_S, wait_until

# A program that starts a stack, says so, and then waits to be killed.
HOLDER = """
import sys, threading
from pathlib import Path
from deploy.local.stack import LocalStack
stack = LocalStack(Path(sys.argv[1]), outlive=sys.argv[2] == "outlive").start()
print("up", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def home(stack: LocalStack) -> Iterator[Path]:
    """A folder for one more stack; the session's own makes sure that programs are installed."""
    assert stack.broker.running
    with tempfile.TemporaryDirectory(prefix="dongseon-stack-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
        LocalStack(path).stop()


def pids(stack: LocalStack) -> list[int]:
    return [server.process.pid for server in stack.servers if server.process]


def killed_holder(home: Path, mode: str) -> list[ProcessName]:
    """The servers of a program that was killed with -9 while it held a stack in `home`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home), mode], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        servers = [server.process for server in LocalStack(home).servers if server.process]
        holder.kill()
    assert len(servers) == 2
    return servers


def foreground(home: Path) -> subprocess.Popen[bytes]:
    """`dongseon stack up --foreground`, once it has said that everything runs."""
    dongseon = Path(sys.executable).with_name("dongseon")
    program = subprocess.Popen(
        [str(dongseon), "stack", "up", "--foreground", "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    while b"database_url" not in (line := program.stdout.readline()):
        assert line, program.communicate()
    return program


def rows(database: Database, name: str, query: str) -> list[tuple[object, ...]]:
    url = database.url(name).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_database_of_ones_own_has_postgis_and_pgrouting_at_hand(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("CREATE EXTENSION pgrouting")
        row = connection.execute("SELECT postgis_version(), pgr_version()").fetchone()

    assert row is not None
    assert [version.split(".")[0] for version in row] == ["3", "3"]


def test_databases_do_not_see_each_other(stack: LocalStack) -> None:
    for name in ("one_of_two", "two_of_two"):
        stack.database.create(name)
    rows(stack.database, "one_of_two", "CREATE TABLE mine (id int)")

    here = "SELECT to_regclass('mine') IS NOT NULL"
    assert rows(stack.database, "one_of_two", here) == [(True,)]
    assert rows(stack.database, "two_of_two", here) == [(False,)]
    stack.database.drop("one_of_two")
    assert not stack.database.exists("one_of_two")
    stack.database.drop("two_of_two")


def test_a_database_name_that_would_need_quoting_is_refused(stack: LocalStack) -> None:
    with pytest.raises(ConfigError, match="cannot name a database"):
        stack.database.create("a; drop")


def test_servers_listen_on_loopback_only(stack: LocalStack) -> None:
    listening = Path("/proc/net/tcp").read_text(encoding="ascii")
    everywhere = Path("/proc/net/tcp6").read_text(encoding="ascii")
    for server in stack.servers:
        assert f" 0100007F:{server.port:04X} 00000000:0000 0A " in listening
        assert f"00000000:{server.port:04X} " not in listening
        assert f":{server.port:04X} " not in everywhere


def test_servers_keep_off_the_ports_and_folders_of_the_machines_own(stack: LocalStack) -> None:
    assert {stack.broker.port, stack.database.port}.isdisjoint({1883, 5432})
    assert stack.database.folder.is_relative_to(stack.home)
    settings = rows(stack.database, "postgres", "SHOW data_directory")
    assert settings == [(str(stack.home / "database/data"),)]


def test_no_server_runs_as_root(stack: LocalStack) -> None:
    for pid in pids(stack):
        assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_what_is_committed_is_on_the_disk(stack: LocalStack) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert rows(stack.database, "postgres", f"SHOW {setting}") == [("on",)]


def test_a_parameter_that_is_set_holds_for_everyone_and_a_wrong_one_is_refused(
    stack: LocalStack,
) -> None:
    stack.database.set("log_min_duration_statement", "90s")
    setting = "SHOW log_min_duration_statement"
    wait_until(lambda: rows(stack.database, "postgres", setting) == [("90s",)])
    with pytest.raises(StorageError, match="no_such_thing"):
        stack.database.set("no_such_thing", "1")


def test_a_second_start_reuses_what_runs_and_leaves_it_running(home: Path) -> None:
    with LocalStack(home) as first:
        with LocalStack(home) as second:
            assert pids(second) == pids(first)
            assert second.broker.port == first.broker.port
        assert all(server.running for server in first.servers)
    assert not any(server.running for server in first.servers)


def test_starting_in_two_programs_at_once_makes_one_stack(home: Path) -> None:
    stacks = [LocalStack(home), LocalStack(home)]
    threads = [threading.Thread(target=stack.start) for stack in stacks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert pids(stacks[0]) == pids(stacks[1])
    for stack in stacks:
        stack.stop()


def test_servers_end_with_a_program_that_is_killed(home: Path) -> None:
    for server in killed_holder(home, "end with me"):
        assert server.wait(LONG_S)

    with LocalStack(home) as again:
        assert all(server.running for server in again.servers)


def test_servers_that_outlive_a_killed_program_are_reused(home: Path) -> None:
    left = killed_holder(home, "outlive")

    with LocalStack(home) as again:
        assert [server.process for server in again.servers] == left


def test_servers_whose_state_was_lost_are_cleared_away(home: Path) -> None:
    left = killed_holder(home, "outlive")
    for state in home.glob("*.json"):
        state.unlink()

    with LocalStack(home) as again:
        assert not any(server.running for server in left)
        assert all(server.running for server in again.servers)


def test_a_half_written_state_file_is_no_obstacle(home: Path) -> None:
    (home / "broker.json").write_text('{"port": 2', encoding="utf-8")
    (home / "database.json").write_text("", encoding="utf-8")

    with LocalStack(home) as stack:
        assert all(server.running for server in stack.servers)


def test_a_pid_that_another_program_has_by_now_is_left_alone(home: Path) -> None:
    with LocalStack(home) as stack:
        stack.database.kill()
    ours = ProcessName.of(os.getpid())
    assert ours is not None
    (home / "database/data/postmaster.pid").write_text(f"{ours.pid}\n", encoding="utf-8")

    with LocalStack(home) as stack:
        assert stack.database.running
    assert ours.running


@pytest.mark.parametrize("name", ["broker", "database"])
def test_a_killed_server_comes_back_on_its_port(home: Path, name: str) -> None:
    with LocalStack(home) as stack:
        server: Server = getattr(stack, name)
        port = server.port
        server.kill()
        assert not server.running
        assert server.start()

        assert server.port == port


def test_committed_rows_survive_kill_9_with_a_busy_client(home: Path) -> None:
    with LocalStack(home) as stack:
        url = stack.database.create("kept").replace("+psycopg", "")
        rows(stack.database, "kept", "CREATE TABLE t AS SELECT 7 AS n")
        with psycopg.connect(url) as busy:
            busy.execute("SELECT 1")
            stack.database.kill()
            stack.database.start()
            with pytest.raises(psycopg.OperationalError):
                busy.execute("SELECT 1")

        assert rows(stack.database, "kept", "SELECT n FROM t") == [(7,)]


def test_a_server_started_from_a_thread_outlives_the_thread(home: Path) -> None:
    with LocalStack(home) as stack:
        stack.broker.kill()
        thread = threading.Thread(target=stack.broker.start)
        thread.start()
        thread.join()

        assert stack.broker.process is not None
        assert not stack.broker.process.wait(0.3)


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with LocalStack(home) as stack:
        stack.database.stop()
        version = home / "database/data/PG_VERSION"
        installed = version.read_text(encoding="ascii")
        version.write_text("9\n", encoding="ascii")
        with pytest.raises(ConfigError, match="made by PostgreSQL 9, which is not installed"):
            stack.database.start()
        version.write_text(installed, encoding="ascii")
        (home / "database/data/global/pg_control").unlink()
        with pytest.raises(StorageError, match="pg_control"):
            stack.database.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as other users")
def test_a_home_the_servers_cannot_enter_is_named_with_a_way_out(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    user = server_user("postgres")

    with pytest.raises(ConfigError, match=f"the user {user} cannot enter it"):
        LocalStack(closed / "stack").start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_stack_in_the_foreground(home: Path, number: signal.Signals) -> None:
    with foreground(home) as program:
        stack = LocalStack(home)
        assert all(server.running for server in stack.servers)
        program.send_signal(number)

        assert program.wait(LONG_S) == 0
    assert not any(server.running for server in stack.servers)


def test_the_foreground_ends_when_a_server_does(home: Path) -> None:
    with foreground(home) as program:
        process = LocalStack(home).broker.process
        assert process is not None
        process.send(signal.SIGKILL)
        _, errors = program.communicate(timeout=LONG_S)

    assert program.returncode == 1
    assert b"ended by itself: broker" in errors
