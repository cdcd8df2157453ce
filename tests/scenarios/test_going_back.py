"""Revisions, what differs between them, and the way back."""

from tests.scenarios.company import PROD, Company


async def delivered(company: Company, version: str, number: int) -> None:
    await company.says("dev", f"/deploy shop prod {version}")
    card = await company.card(f"shop/prod#{number}", offers="Approve")
    await company.presses("sre", "Approve", card)
    await company.card(f"shop/prod#{number}", says=f"revision v{number}")


async def test_revisions_are_listed_and_one_of_them_is_delivered_again(company: Company) -> None:
    await delivered(company, "v1.4.2", 1)
    await delivered(company, "v1.5.0", 2)

    listed = await company.asks("dev", "/revisions shop prod")
    assert listed.index("v2") < listed.index("v1")
    assert "v2 · v1.5.0 · ✓ in force" in listed
    assert "web:v1.4.2" in listed
    assert "by dev" in listed
    assert "took" in listed
    assert "[Diff] [Roll back]" in listed

    proposal = await company.answer("dev", "/rollback shop prod")
    said = company.read(proposal)
    assert "from v2 to v1?" in said
    assert "Deployment web · in hangzhou and frankfurt\n• image: v1.5.0 → v1.4.2" in said
    assert (await company.images("east"))["web"] == "v1.5.0"

    await company.presses("dev", "Roll back", proposal)
    card = await company.card("shop/prod#3", offers="Approve")
    assert "back to v1" in company.read(card)
    await company.presses("sre2", "Approve", card)
    card = await company.card("shop/prod#3", says="revision v3, which is v1 again")
    assert (await company.images("east"))["web"] == "v1.4.2"
    assert (await company.images("west"))["web"] == "v1.4.2"
    assert "v1 again" in await company.asks("dev", "/revisions shop prod")


async def test_a_proposal_that_is_not_wanted_goes_away(company: Company) -> None:
    await delivered(company, "v1", 1)
    await delivered(company, "v2", 2)
    proposal = await company.answer("dev", "/rollback shop prod v1")

    await company.presses("dev", "Cancel", proposal)

    seen = await company.world.messages(PROD, viewer="dev")
    assert proposal["ts"] not in [each["ts"] for each in seen]


async def test_after_a_failed_deployment_the_card_leads_back(company: Company) -> None:
    await delivered(company, "v1", 1)
    await company.fault("cluster/east", "image", None, image="registry.shop.example/web:v2")
    await company.says("dev", "/deploy shop prod v2")
    card = await company.card("shop/prod#2", says="Failed", offers="Roll back")
    assert "cannot be pulled" in company.read(card)
    await company.in_thread(card, "Failed to pull image")

    proposal = await company.reply("dev", "Roll back", card)
    await company.presses("dev", "Roll back", proposal)

    card = await company.card("shop/prod#3", offers="Approve")
    assert (await company.images("east"))["web"] == "v1"


async def test_there_is_nothing_to_go_back_to_at_first(company: Company) -> None:
    assert "no earlier revision" in await company.asks("dev", "/rollback shop prod")
