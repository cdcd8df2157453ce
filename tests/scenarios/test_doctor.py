"""The doctor in chat: for administrators, in private."""

from tests.scenarios.company import Company


async def test_an_administrator_is_told_in_private_what_works_and_nobody_else_is(
    company: Company,
) -> None:
    told = await company.asks("admin", "/shipmate doctor")
    assert "Slack: bot token: is shipmate in Shop, Inc." in told
    assert "cluster east: prod/hangzhou (shop-prod): we may do what delivering takes" in told
    refused = await company.asks("dev", "/shipmate doctor")
    assert "You may not have all of Shipmate examined. That takes the role admin." in refused
    assert "admin could" in refused
    assert await company.world.messages("shop-prod") == []
