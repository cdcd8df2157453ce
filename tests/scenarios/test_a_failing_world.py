"""What the outside world does wrong, and what becomes of a run meanwhile."""

from bot.chat.slack.gateway import web_client
from tests.scenarios.company import PROD, Company


async def test_slack_asks_to_wait_and_everything_is_shown_in_the_end(company: Company) -> None:
    await company.fault("slack", "ratelimited", 3, method="chat.update", retry_after=1)
    await company.fault("slack", "ratelimited", 1, method="chat.postMessage", retry_after=1)
    await company.says("dev", "/deploy shop dev v1", channel="shop-dev")

    card = await company.card("shop/dev#1", says="revision v1", channel="shop-dev")

    await company.in_thread(card, "v1 of shop is in dev", channel="shop-dev")


async def test_a_command_delivered_twice_is_done_once(company: Company) -> None:
    await company.fault("slack", "duplicate")
    await company.says("dev", "/deploy shop dev v1", channel="shop-dev")

    await company.card("shop/dev#1", says="revision v1", channel="shop-dev")

    cards = await company.world.messages("shop-dev")
    assert len([each for each in cards if each["user"] == "shipmate"]) == 1
    assert "shop/dev#2" not in await company.asks("dev", "/shipmate runs shop dev")


async def test_a_click_delivered_twice_counts_once(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.fault("slack", "duplicate")

    assert await company.presses("sre", "Approve", card) == ""

    await company.card("shop/prod#1", says="revision v1")


async def test_a_post_that_slack_took_but_stumbled_over_is_not_posted_again(
    company: Company,
) -> None:
    await company.fault(
        "slack", "error", 1, method="chat.postMessage", error="fatal_error", after=True
    )
    await company.says("dev", "/deploy shop dev v1", channel="shop-dev")

    await company.card("shop/dev#1", says="revision v1", channel="shop-dev")

    cards = await company.world.messages("shop-dev")
    assert len([each for each in cards if each["user"] == "shipmate"]) == 1


async def test_the_socket_drops_and_comes_back(company: Company) -> None:
    await company.control("/control/faults", target="slack", fault="disconnect")
    await company.reconnected()

    await company.says("dev", "/deploy shop dev v1", channel="shop-dev")

    await company.card("shop/dev#1", says="revision v1", channel="shop-dev")


async def test_an_api_server_that_is_down_is_waited_for(company: Company) -> None:
    await company.fault("cluster/east", "down", None)
    await company.says("dev", "/deploy shop dev v1", channel="shop-dev")
    await company.card("shop/dev#1", says="east answered 503", channel="shop-dev")

    company.sandbox.faults.clear()

    await company.card("shop/dev#1", says="revision v1", channel="shop-dev")


async def test_an_image_that_cannot_be_pulled_ends_the_run_and_says_why(company: Company) -> None:
    await company.fault("cluster/east", "image", None, image="registry.shop.example/api")
    await company.says("dev", "/deploy shop dev v1", channel="shop-dev")

    await company.card("shop/dev#1", says="ImagePullBackOff", channel="shop-dev")
    card = await company.card("shop/dev#1", says="Failed", channel="shop-dev")

    assert "the image registry.shop.example/api:v1 cannot be pulled" in company.read(card)
    failed = await company.in_thread(card, "Failed to pull image", channel="shop-dev")
    assert "Deploy to dev failed" in company.read(failed)
    assert "Retry" in card["buttons"]


async def test_a_webhook_that_fails_at_first_is_called_again_and_taken_once(
    company: Company,
) -> None:
    await company.fault("webhooks", "error", 2, status=503)
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    await company.presses("sre", "Approve", card)

    await company.card("shop/prod#1", says="revision v1")

    hooks = await company.world.webhooks()
    assert [each["deliveries"] for each in hooks] == [1]
    assert any("tried again by itself" in each for each in await company.thread(card))


async def test_a_card_that_someone_deleted_is_posted_again(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")
    client = web_client(company.sandbox.slack_bot_token, company.sandbox.slack_api_url)
    await client.chat_delete(channel="C04SHOPPROD", ts=card["ts"])

    await company.says("sre", "/shipmate approve shop/prod#1")

    await company.card("shop/prod#1", says="revision v1")


async def test_the_bot_is_away_while_someone_must_answer_and_the_old_button_still_works(
    company: Company,
) -> None:
    await company.says("dev", "/deploy shop prod v1")
    card = await company.card("shop/prod#1", offers="Approve")

    await company.stop_bot()
    await company.start_bot()
    await company.presses("sre", "Approve", card)

    done = await company.card("shop/prod#1", says="revision v1")
    assert done["ts"] == card["ts"]
    assert (
        len([each for each in await company.world.messages(PROD) if each["user"] == "shipmate"])
        == 1
    )
