"""The verbs, options and lengths of time that can be typed in Chinese: other names for the English ones. Pure.

A request means the same in either language, so a button, the audit log and `unparse` have the English form only.
"""

import re
from collections.abc import Mapping
from typing import Final

VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "deploy": ("部署", "发布", "上线"),
    "promote": ("推广", "晋级", "提升"),
    "rollback": ("回滚", "回退"),
    "revisions": ("版本", "版本列表"),
    "diff": ("差异", "对比", "比较"),
    "status": ("状态",),
    "runs": ("运行", "运行记录"),
    "show": ("查看", "显示", "详情"),
    "logs": ("日志",),
    "approve": ("批准", "同意", "通过"),
    "reject": ("拒绝", "驳回"),
    "withdraw": ("撤回",),
    "sign": ("补签", "签字"),
    "stop": ("停止", "终止"),
    "retry": ("重试",),
    "restart": ("重新开始", "重跑"),
    "skip": ("跳过",),
    "pause": ("暂停",),
    "resume": ("继续", "恢复"),
    "lock": ("锁定", "加锁"),
    "unlock": ("解锁",),
    "audit": ("审计",),
    "doctor": ("诊断", "体检"),
    "replicas": ("副本", "进程"),
    "apps": ("应用", "应用列表"),
    "envs": ("环境", "环境列表"),
    "whoami": ("我是谁",),
    "help": ("帮助",),
}
"""The Chinese names of each verb; the first one is the one to teach."""

OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "note": ("备注", "说明"),
    "commit": ("提交",),
    "plan": ("计划", "预演"),
    "at": ("时间", "定时"),
    "live": ("现状",),
    "emergency": ("紧急",),
    "app": ("应用",),
    "for": ("时长",),
    "version": ("版本",),
    "person": ("人员",),
    "since": ("自从",),
}
"""The Chinese names of each option that a person types."""

_VERB_OF: Final = {name: verb for verb, names in VERBS.items() for name in names}
_OPTION_OF: Final = {name: option for option, names in OPTIONS.items() for name in names}
OPTION_NAMES: Final = "|".join(sorted(_OPTION_OF, key=len, reverse=True))
"""A pattern of all option names."""
_STUCK: Final = re.compile(
    rf"\A((?:\s*(?:<@[^<>]*>|@[^\s<>]+)\s)*\s*(?:{'|'.join(sorted(_VERB_OF, key=len, reverse=True))}))"
    r"[:：,，、]?(?=[A-Za-z0-9Ａ-Ｚａ-ｚ０-９])"
)
"""A verb with no space behind it, as nobody types one between Chinese and Latin letters: `批准shop/prod#17`."""
_UNITS: Final = (
    ("小时", "h"),
    ("分钟", "m"),
    ("天", "d"),
    ("日", "d"),
    ("时", "h"),
    ("分", "m"),
)
_LATER: Final = re.compile(r"([0-9dhmDHM]+)(?:之后|以后|后)")


def english_verb(name: str) -> str:
    """Answer the verb that a name stands for; any other name as it is."""
    return _VERB_OF.get(name, name)


def english_option(name: str) -> str:
    """Answer the option that a name stands for; any other name as it is."""
    return _OPTION_OF.get(name, name)


def verbs_like(name: str) -> dict[str, str]:
    """Answer the Chinese names that a Chinese word may be meant to be, with their verbs; none for another word."""
    return {} if name.isascii() else dict(_VERB_OF)


def loosened(text: str) -> str:
    """Put a space behind a verb that has none."""
    return _STUCK.sub(r"\1 ", text)


def english_span(text: str) -> str:
    """Answer how long a text says, in the units of the grammar: `2小时30分钟` is `2h30m`."""
    for unit, letter in _UNITS:
        text = text.replace(unit, letter)
    return text


def english_moment(text: str) -> str:
    """Answer when a text says, as the grammar writes it: `2小时后` is `in 2h`."""
    later = _LATER.fullmatch(english_span(text.strip()))
    return f"in {later[1]}" if later else text
