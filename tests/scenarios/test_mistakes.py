"""What someone in a hurry does wrong, and what they are told."""

from tests.scenarios.company import PROD, Company


async def test_a_mistyped_name_gets_the_nearest(company: Company) -> None:
    assert "Did you mean prod?" in await company.asks("dev", "/deploy shop prd v1")
    assert "Did you mean shop?" in await company.asks("dev", "/deploy shp prod v1")
    assert "Did you mean deploy?" in await company.asks("dev", "/shipmate deplyo shop prod v1")


async def test_a_first_deployment_needs_a_version(company: Company) -> None:
    assert "Which version?" in await company.asks("dev", "/deploy shop prod")


async def test_who_may_not_is_told_who_could(company: Company) -> None:
    told = await company.asks("guest", "/deploy shop prod v1")

    assert "You may not deploy in prod" in told
    assert "dev" in told


async def test_a_missing_argument_opens_a_form(company: Company) -> None:
    answer = await company.world.say("dev", "shop-dev", "/deploy")

    view = answer["view"]
    values = {"Application": "shop", "Environment": "dev", "Version": "v7"}
    assert (await company.world.submit("dev", view["id"], values))["ok"]
    await company.card("shop/dev#1", says="v7", channel="shop-dev")


async def test_a_promotion_without_its_environments_opens_a_form(company: Company) -> None:
    answer = await company.world.say("dev", "shop-dev", "/shipmate promote shop")

    values = {"From": "dev", "To": "staging", "Note": "tried it"}
    told = await company.world.submit("dev", answer["view"]["id"], values)
    assert told["ok"]


async def test_what_a_person_writes_stays_text(company: Company) -> None:
    note = "<!channel> *now* <@U03SRE> `rm`"
    await company.says("dev", f'/deploy shop prod v1 --note "{note}"')

    card = await company.card("shop/prod#1", offers="Approve")

    [block] = [each for each in card["blocks"] if "@channel *now* @U03SRE `rm`" in str(each)]
    assert block["type"] == "rich_text"
    assert "<!channel>" not in str(card)


async def test_help_names_every_verb_and_one_is_explained(company: Company) -> None:
    said = await company.asks("guest", "/shipmate")
    for verb in ("deploy", "rollback", "revisions", "approve", "whoami"):
        assert verb in said
    assert "deploy APP ENV [VERSION]" in await company.asks("guest", "/shipmate help deploy")


async def test_a_slash_command_that_the_app_does_not_have(company: Company) -> None:
    answer = await company.world.say("dev", PROD, "/dance")

    assert "not a valid command" in answer["messages"][0]["text"]


async def test_the_home_shows_what_waits_with_its_buttons(company: Company) -> None:
    await company.says("dev", "/deploy shop prod v1")
    await company.card("shop/prod#1", offers="Approve")

    view = await company.home("sre")
    assert "Approval for frankfurt" in str(view)
    await company.control("/control/slack/click", user="sre", home=True, button="Approve")

    await company.card("shop/prod#1", says="revision v1")
