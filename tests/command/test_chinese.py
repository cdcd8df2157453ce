"""What is typed in Chinese is the request that the English words make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command.chinese import OPTIONS, VERBS
from bot.command.forms import Verb
from bot.command.grammar import parse, unparse
from bot.command.requests import Misunderstood
from bot.command.verbs import VERBS as ROWS


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("部署 shop prod v1.4.2", "deploy shop prod v1.4.2"),
        ("部署 shop/prod v1.4.2", "deploy shop prod v1.4.2"),
        ("部署shop prod v1.4.2", "deploy shop prod v1.4.2"),
        ("部署：shop prod v1.4.2。", "deploy shop prod v1.4.2"),
        ("部署　ｓｈｏｐ　ｐｒｏｄ　ｖ１．４．２", "deploy shop prod v1.4.2"),
        ("@shipmate 部署 shop prod v1", "deploy shop prod v1"),
        ("@shipmate：部署shop prod v1", "deploy shop prod v1"),
        ("发布 shop prod v1 --备注 “修复结算”", "deploy shop prod v1 --note “修复结算”"),
        ("部署 shop prod v1 －－备注＝「修复 结算」", 'deploy shop prod v1 --note "修复 结算"'),
        ("部署 shop prod v1 --计划", "deploy shop prod v1 --plan"),
        ("部署 shop prod v1 ——计划", "deploy shop prod v1 --plan"),
        ("部署 shop prod v1 --时间 18:00", "deploy shop prod v1 --at 18:00"),
        ("部署 shop prod v1 --定时 2小时后", 'deploy shop prod v1 --at "in 2h"'),
        ("推广 shop staging prod", "promote shop staging prod"),
        ("晋级 shop staging prod", "promote shop staging prod"),
        ("回滚 shop prod v3", "rollback shop prod v3"),
        ("版本 shop prod", "revisions shop prod"),
        ("差异 shop prod v1 v2", "diff shop prod v1 v2"),
        ("差异 shop prod --现状", "diff shop prod --live"),
        ("状态", "status"),
        ("状态。", "status"),
        ("运行 shop prod", "runs shop prod"),
        ("查看 shop/prod#17", "show shop/prod#17"),
        ("查看 shop／prod＃17", "show shop/prod#17"),
        ("日志 shop/prod#17", "logs shop/prod#17"),
        ("批准 shop/prod#17", "approve shop/prod#17"),
        ("批准shop/prod#17，", "approve shop/prod#17"),
        ("批准 shop/prod#17 看过监控了", "approve shop/prod#17 看过监控了"),
        ("批准 shop/prod#17 数据库挂了 --紧急", "approve shop/prod#17 数据库挂了 --emergency"),
        ("拒绝 shop/prod#17 压测没做完", "reject shop/prod#17 压测没做完"),
        ("拒绝 shop/prod#17 停止 部署 --备注 再说", "reject shop/prod#17 停止 部署 --备注 再说"),
        ("撤回 shop/prod#17", "withdraw shop/prod#17"),
        ("补签 shop/prod#17", "sign shop/prod#17"),
        ("停止 shop/prod#17", "stop shop/prod#17"),
        ("重试 shop/prod#17", "retry shop/prod#17"),
        ("重跑 shop/prod#17", "restart shop/prod#17"),
        ("跳过 shop/prod#17 notes 日历挂了", "skip shop/prod#17 notes 日历挂了"),
        ("暂停 shop/prod#17", "pause shop/prod#17"),
        ("继续 shop/prod#17", "resume shop/prod#17"),
        ("锁定 prod 数据库迁移 --时长 2小时30分钟", "lock prod 数据库迁移 --for 2h30m"),
        ("锁定 prod 迁移 --应用 shop --版本 v2", "lock prod 迁移 --app shop --version v2"),
        ("解锁 prod", "unlock prod"),
        ("审计 shop prod --自从 3天 --人员 dev", "audit shop prod --since 3d --person dev"),
        ("应用", "apps"),
        ("环境", "envs"),
        ("我是谁？", "whoami"),
        ("帮助", "help"),
        ("帮助 部署", "help deploy"),
    ],
)
def test_chinese_makes_the_same_request(typed: str, english: str) -> None:
    asked = parse(typed)

    assert not isinstance(asked, Misunderstood), asked.problem
    assert asked == parse(english)
    assert parse(unparse(asked)) == asked


def test_each_verb_and_each_option_that_is_typed_has_a_chinese_name_and_no_name_has_two() -> None:
    options = {each.name for row in ROWS for each in row.options if each.form}
    assert {row.name for row in ROWS} == set(VERBS)
    assert options == set(OPTIONS)
    for table in (VERBS, OPTIONS):
        names = [name for each in table.values() for name in each]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_example_can_be_said_with_each_of_its_chinese_verbs(row: Verb) -> None:
    name, _, rest = row.example.partition(" ")
    meant = parse(row.example)
    for verb in VERBS[name]:
        assert parse(f"{verb} {rest}") == meant


@pytest.mark.parametrize(
    ("typed", "near"), [("布署 shop prod v1", "deploy"), ("回退了", "rollback")]
)
def test_a_mistyped_chinese_verb_is_offered_put_right(typed: str, near: str) -> None:
    asked = parse(typed)
    assert isinstance(asked, Misunderstood)
    assert near in asked.nearest


def test_a_missing_argument_is_named_and_what_was_understood_is_kept() -> None:
    asked = parse("部署 shop")
    assert isinstance(asked, Misunderstood)
    assert asked.missing == ("environment",)
    assert asked.understood == "deploy shop"


@given(st.text(max_size=40), st.sampled_from([name for names in VERBS.values() for name in names]))
def test_whatever_follows_a_chinese_verb_is_answered(rest: str, verb: str) -> None:
    asked = parse(f"{verb} {rest}")
    assert isinstance(asked, Misunderstood) or parse(unparse(asked)) == asked
