"""Starting, ending and starting again, as a person does with `shipmate run --sandbox`; and the demo."""

import asyncio
import signal
from pathlib import Path

import pytest

from bot.demo.world import World
from tests.command_line.shipmate import a_free_port, run, start, until
from tests.patience import PATIENCE


@pytest.mark.timeout(200)  # it shows a minute of a company's life
async def test_the_demo_plays_a_deployment_to_its_end_and_back(tmp_path: Path) -> None:
    said = await run(tmp_path, "demo")

    assert said.code == 0, said.err
    for line in (
        "/deploy shop prod v1.4.2",
        "Approved by sre",
        "revision v1",
        "/rollback shop prod",
        "which is v1 again",
        "Rejected by",
        "Everything went as it should.",
    ):
        assert line in said.out


async def test_a_killed_process_goes_on_where_it_was_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    port = str(a_free_port())
    settings = {"PORT": port, "SHIPMATE_STATE": str(tmp_path / "state")}
    world = World(f"http://127.0.0.1:{port}", patience=60)

    killed = await start(tmp_path, "run", "--sandbox", **settings)
    await until(killed, "Shipmate is ready")
    await world.say("dev", "shop-prod", "/deploy shop prod v1.4.2")
    killed.kill()
    await killed.communicate()

    again = await start(tmp_path, "run", "--sandbox", **settings)
    await until(again, "Shipmate is ready")
    card = await world.wait_for(
        "a card that waits for an approval",
        "shop-prod",
        lambda message: "Approve" in message["buttons"],
    )
    await world.click("sre", "shop-prod", card["ts"], "Approve")
    await world.wait_for(
        "the same card with its revision",
        "shop-prod",
        lambda message: message["ts"] == card["ts"] and "revision v1" in message["text"],
    )
    await world.close()

    again.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        _, err = await again.communicate()
    assert again.returncode == 0
    assert "Traceback" not in err.decode()
