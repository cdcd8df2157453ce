"""What is said to someone whom nobody knows, where people are known by a user id and by nothing else."""


def unknown_in_dingtalk(identity: str) -> str:
    """Say how to be known in DingTalk; `identity` is the staff id, or empty where DingTalk says none."""
    if not identity:
        return (
            "DingTalk does not tell me who you are: it does so for members of this organization only, and once the "
            "app is published. Nothing was done. Ask from an account of the organization."
        )
    return (
        f"I do not know you. Your user id in DingTalk is `{identity}`: ask whoever looks after Shipmate to write it as "
        "`dingtalkId` under your name into the people in workflows/."
    )
