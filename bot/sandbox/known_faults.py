"""Which faults there are: by target, each with the fields that narrow or shape it. docs/sandbox.md says what they do."""

from bot.sandbox import company

CLUSTER: dict[str, tuple[str, ...]] = {
    "down": ("seconds",),
    "expired": ("answer",),
    "expired-credentials": (),
    "silent": ("seconds",),
    "slow": ("seconds",),
    "throttled": ("method", "retry_after"),
    "image": ("image",),
    "not-ready": ("name", "container"),
    "crash": ("name", "container"),
    "oom": ("name", "container"),
    "probe": ("name", "container"),
    "fail-job": ("name", "container"),
    "slow-start": ("name", "container", "seconds"),
    "unschedulable": ("name",),
    "no-address": ("name",),
    "load": ("name", "percent"),
    "deny": ("kind", "name", "message", "webhook"),
    "terraform-fail": ("name", "message"),
    "terraform-slow": ("name", "seconds"),
}

CONDITIONS = frozenset({"down", "silent", "expired-credentials"})
"""Faults that last until they are cleared, however often they are met."""

KNOWN_FAULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "slack": {
        "ratelimited": ("method", "retry_after"),
        "error": ("method", "error", "after"),
        "duplicate": (),
        "disconnect": (),
        "refresh": ("reason", "seconds"),
        "silence": ("seconds",),
    },
    "dingtalk": {
        "disconnect": (),
        "refresh": ("reason", "seconds"),
        "silence": ("seconds",),
        "duplicate": ("fresh",),
        "expired-ticket": (),
        "token": ("status",),
        "ratelimited": ("method",),
        "error": ("method", "status", "code", "after"),
        "slow": ("method", "seconds"),
        "errcode": ("robot", "errcode", "errmsg"),
    },
    "lark": {"error": ("code",)},
    "webhooks": {"error": ("status", "path"), "slow": ("seconds",)},
    "mail": {"refuse": ()},
    **{f"cluster/{name}": CLUSTER for name in company.CLUSTERS},
}
