"""Plans, differences and locks are read in Chinese, with what was found out below the chat said in it, too."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat.language import speaking
from bot.chat.message import Message, Preformatted, Text
from bot.chat.presenters import locks
from bot.chat.presenters.plans import change_lines
from bot.chat.presenters.words import moment, plain
from bot.forecast.applications import COMPONENT
from bot.forecast.fates import Fate, ObjectForecast
from bot.forecast.lasting import Lasting, Remains
from bot.forecast.outlook import Unseen
from bot.forecast.summaries import summary
from bot.operations.results import Change
from bot.placement.handling import NEVER
from bot.policy.holds import Hold, HoldKind
from bot.run.inventory import key_of, ref_of, whose
from bot.run.locks import Lock, LockChange
from bot.wording import Sentence
from tests.builders import NOON
from tests.chat.outlooks import change, forecast, going_back, obj, planned, shown
from tests.operations.company import company

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"replicas": 3, "template": {"spec": {"containers": [{"image": "web:v2"}]}}},
}


def read(message: Message) -> list[str]:
    """Read the lines of a message in Chinese."""
    texts = [each for each in message.blocks if isinstance(each, Text)]
    lines = ["".join(map(plain, each)) for text in texts for each in text.lines]
    return [
        *lines,
        *(each.text for each in message.blocks if isinstance(each, Preformatted)),
    ]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            obj("Deployment", "web", Fate.NEW, summary=summary(WEB)),
            "Deployment web 新增 · 在 hangzhou：web:v2、3 个副本",
        ),
        (
            obj("PersistentVolumeClaim", "db", Fate.LEFT, said=NEVER),
            "PersistentVolumeClaim db 保留 · 在 hangzhou："
            "此类对象不会删除，除非 garbage-collect 规则指明该类型",
        ),
        (
            obj("Service", "db", Fate.GONE, said=Sentence("what it owns stays")),
            "Service db 将删除 · 在 hangzhou（其下属对象保留）",
        ),
        (
            obj("Deployment", "web", Fate.REFUSED, said=whose(key_of("east", ref_of(WEB)), "pay")),
            "Deployment web 会被拒绝 · 在 hangzhou：east 的 shop 中的该对象属于 pay；"
            "shared-resource 策略允许多个应用共同交付",
        ),
        (
            obj(
                "Deployment",
                "web",
                Fate.CHANGED,
                changes=(change("args", Sentence("{n} lines", n=7)),),
            ),
            "• args：移除，原为 7 行",
        ),
        (
            obj(
                "ConfigMap",
                "web",
                Fate.CHANGED,
                changes=(change("data", excerpt=("-a", Sentence("… {n} more lines", n=2))),),
            ),
            "-a\n… 还有 2 行",
        ),
    ],
)
def test_a_plan_says_what_was_found_out(found: ObjectForecast, said: str) -> None:
    with speaking("zh"):
        lines = read(shown(planned(forecast(found, also=()))))
    assert any(each.endswith(said) for each in lines), lines


def test_what_cannot_be_seen_yet_is_said_with_its_reason() -> None:
    what = Sentence("{component} in {target}", component="api", target="east")
    why = Sentence("it takes {what}, which is known only when the run is there", what="db.host")
    ahead = replace(forecast(), unseen=(Unseen(what=what, why=why),))
    with speaking("zh"):
        lines = read(shown(planned(ahead)))
    assert "未显示：east 的 api；它需要 db.host，运行到该处时才知道。" in lines


def test_a_rollback_says_what_it_does_not_undo() -> None:
    volumes = Sentence("the volumes of StatefulSet {name}", name="db")
    lasting = Lasting(how=Remains.DATA, what=(volumes, "PersistentVolumeClaim a"))
    with speaking("zh"):
        lines = read(shown(going_back(forecast(), lasting)))
    assert "• 数据保持现状：StatefulSet db 的存储卷、PersistentVolumeClaim a" in lines


def test_a_component_that_comes_is_called_one() -> None:
    new = Change(component="web", path=COMPONENT, before="", after="webservice web:v2")
    with speaking("zh"):
        (line,) = change_lines((new,))
    assert "".join(map(plain, line)) == "web 组件：新增 webservice web:v2"


def test_a_lock_is_told_and_listed() -> None:
    until = NOON + timedelta(hours=2)
    lock = Lock(
        environment="prod",
        application="shop",
        by="dev",
        reason="数据库迁移",
        since=NOON,
        until=until,
    )
    told = LockChange(at=NOON, by="dev", channel="prod", after=lock)
    lifted = LockChange(at=NOON, by="sre", channel="prod", before=lock)
    frozen = Hold(
        kind=HoldKind.FREEZE,
        environment="prod",
        name="周末",
        since=NOON,
        until=None,
        roles=("sre", "lead"),
    )
    with speaking("zh"):
        assert locks.told(told, company()).summary == (
            f"dev 锁定了 prod 的 shop：数据库迁移，至 {moment(until)}"
        )
        assert locks.told(lifted, company()).summary == (
            "sre 解锁了由 dev 锁定的 prod 的 shop（数据库迁移）"
        )
        (line,) = locks.listed((frozen,), NOON)
        assert "".join(map(plain, line)) == (" prod 处于冻结期 周末 · sre 和 lead 可以不受此限")
