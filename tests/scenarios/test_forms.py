"""What a command leaves out is asked for in a form, and a mistake in the form is answered in the form."""

from tests.scenarios.company import PROD, Company


async def test_a_form_asks_for_what_is_missing_and_names_a_mistake_at_its_field(
    company: Company,
) -> None:
    view = (await company.world.say("dev", PROD, "/deploy shop"))["view"]
    filled = {"Environment": "prod", "Version": "not a tag"}
    wrong = await company.world.submit("dev", view["id"], filled)
    await company.world.submit("dev", view["id"], filled | {"Version": "v1"})
    card = await company.card("shop/prod#1", offers="Approve")

    assert "deploy needs an environment" in str(view["blocks"][0])
    assert "“not a tag” is no version" in wrong["errors"]["version"]

    chosen = (await company.world.say("dev", PROD, "/shipmate stop"))["view"]
    run = next(each for each in chosen["blocks"] if each.get("block_id") == "run")
    assert [each["value"] for each in run["element"]["options"]] == ["shop/prod#1"]
    await company.world.submit("dev", chosen["id"], {"Run": "shop/prod#1", "Reason": "a typo"})

    assert "Approve" in card["buttons"]
    await company.card("shop/prod#1", says="Stopped by dev: a typo")
