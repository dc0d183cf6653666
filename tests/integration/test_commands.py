"""The centre tells a box what to do, over a real broker."""

from pathlib import Path
from uuid import uuid4

import pytest

from central.commands import Commands
from central.ingest.broker import BrokerAddress
from deploy.local.stack import LocalStack
from edge_agent.outbox import Outbox
from shared.errors import StorageError
from shared.messages import CropsWanted, encode
from tests.edge_agent.link.uplinks import CLOCK, running, settings_of
from tests.waiting import wait_until


def test_a_command_reaches_its_box(stack: LocalStack, tmp_path: Path) -> None:
    name, wanted = f"box-{uuid4().hex[:12]}", CropsWanted(ids=[uuid4()])
    address = BrokerAddress(stack.broker.host, stack.broker.port, f"commands-{uuid4().hex}")
    heard: list[bytes] = []

    def told() -> bool:
        try:
            commands.send(name, "dance", wanted)
        except StorageError:
            return False
        return bool(heard)

    with (
        Outbox(tmp_path, 1 << 20, CLOCK) as outbox,
        running(name, outbox, settings_of(stack)) as uplink,
        Commands(address) as commands,
    ):
        uplink.on_command("dance", heard.append)
        # Until both are connected a command is lost, and given again.
        wait_until(told)
    assert set(heard) == {encode(wanted)}


def test_a_command_that_cannot_be_sent_is_said_at_once() -> None:
    nowhere = BrokerAddress("127.0.0.1", 1, "commands")
    with Commands(nowhere) as commands, pytest.raises(StorageError, match="broker is away"):
        commands.send("box-1", "dance", CropsWanted(ids=[uuid4()]))
