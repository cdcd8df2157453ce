"""The Web API methods that the sandbox has, each a function of the workspace and the arguments."""

from collections.abc import Callable
from typing import Any

from bot.sandbox import company
from bot.sandbox.slack import blocks as kit
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]
Method = Callable[[Workspace, Json], Json]


def auth_test(_: Workspace, __: Json) -> Json:
    """Say who the token belongs to."""
    return {
        "url": "https://shop.slack.example/",
        "team": "Shop, Inc.",
        "user": "shipmate",
        "team_id": company.TEAM,
        "user_id": company.BOT_USER,
        "bot_id": company.BOT,
        "is_enterprise_install": False,
    }


def post_message(workspace: Workspace, given: Json) -> Json:
    """chat.postMessage."""
    channel = _channel(workspace, given)
    thread = given.get("thread_ts")
    if thread and workspace.find(channel, str(thread)) is None:
        raise SlackRefusal("thread_not_found")
    message = {
        "channel": channel,
        "user": company.BOT_USER,
        "bot_id": company.BOT,
        "app_id": company.APP,
        "type": "message",
        **_content(given),
    }
    if thread:
        message["thread_ts"] = str(thread)
    if given.get("metadata"):
        message["metadata"] = given["metadata"]
    made = workspace.add(message)
    return {"channel": channel, "ts": made["ts"], "message": _public(made)}


def update_message(workspace: Workspace, given: Json) -> Json:
    """chat.update."""
    channel = _channel(workspace, given)
    message = workspace.find(channel, str(given.get("ts", "")))
    if message is None or message.get("ephemeral_for"):
        raise SlackRefusal("message_not_found")
    if message["user"] != company.BOT_USER:
        raise SlackRefusal("cant_update_message")
    content = _content(given)
    if "blocks" not in given:
        content.pop("blocks", None)  # without blocks in the call the old ones stay
    edited = {"user": company.BOT_USER, "ts": workspace.next_ts()}
    workspace.replace_blocks(message)
    message |= {**content, "edited": edited}
    if given.get("metadata"):
        message["metadata"] = given["metadata"]
    workspace.change(message)
    return {
        "channel": channel,
        "ts": message["ts"],
        "text": message["text"],
        "message": _public(message),
    }


def delete_message(workspace: Workspace, given: Json) -> Json:
    """chat.delete."""
    channel = _channel(workspace, given)
    message = workspace.find(channel, str(given.get("ts", "")))
    if message is None:
        raise SlackRefusal("message_not_found")
    workspace.remove(message)
    return {"channel": channel, "ts": message["ts"]}


def post_ephemeral(workspace: Workspace, given: Json) -> Json:
    """chat.postEphemeral."""
    channel = _channel(workspace, given)
    user = company.user(str(given.get("user", "")))
    if user is None:
        raise SlackRefusal("user_not_in_channel")
    made = workspace.add(private(channel, user.id, given))
    return {"message_ts": made["ts"]}


def private(channel: str, user: str, given: Json) -> Json:
    """Make a message that only one person sees."""
    message = {
        "channel": channel,
        "user": company.BOT_USER,
        "bot_id": company.BOT,
        "type": "message",
        "ephemeral_for": user,
        **_content(given),
    }
    if given.get("thread_ts"):
        message["thread_ts"] = str(given["thread_ts"])
    return message


def permalink(workspace: Workspace, given: Json) -> Json:
    """chat.getPermalink."""
    channel = _channel(workspace, given)
    ts = str(given.get("message_ts", ""))
    if workspace.find(channel, ts) is None:
        raise SlackRefusal("message_not_found")
    return {
        "channel": channel,
        "permalink": f"https://shop.slack.example/archives/{channel}/p{ts.replace('.', '')}",
    }


def history(workspace: Workspace, given: Json) -> Json:
    """conversations.history: newest first, without replies."""
    channel = _channel(workspace, given)
    found = [
        each
        for each in workspace.in_channel(channel)
        if not each.get("ephemeral_for") and each.get("thread_ts") in {None, each["ts"]}
    ]
    return _page(list(reversed(found)), given)


def replies(workspace: Workspace, given: Json) -> Json:
    """conversations.replies: the parent first, then the thread, oldest first."""
    channel = _channel(workspace, given)
    ts = str(given.get("ts", ""))
    if workspace.find(channel, ts) is None:
        raise SlackRefusal("thread_not_found")
    found = [
        each
        for each in workspace.in_channel(channel)
        if not each.get("ephemeral_for") and (each["ts"] == ts or each.get("thread_ts") == ts)
    ]
    return _page(found, given)


def list_channels(_: Workspace, __: Json) -> Json:
    """conversations.list."""
    return {
        "channels": [_channel_object(each) for each in company.CHANNELS],
        "response_metadata": {"next_cursor": ""},
    }


def channel_info(workspace: Workspace, given: Json) -> Json:
    """conversations.info."""
    channel = _channel(workspace, given)
    found = next((each for each in company.CHANNELS if each.id == channel), None)
    return {"channel": _channel_object(found) if found else {"id": channel, "is_im": True}}


def open_direct(_: Workspace, given: Json) -> Json:
    """conversations.open."""
    users = given.get("users")
    names = users.split(",") if isinstance(users, str) else users or []
    user = company.user(str(names[0])) if names else None
    if user is None:
        raise SlackRefusal("user_not_found")
    return {"channel": {"id": user.direct_channel}}


def user_info(_: Workspace, given: Json) -> Json:
    """users.info."""
    user = company.user(str(given.get("user", "")))
    if user is None:
        raise SlackRefusal("user_not_found")
    return {"user": _user_object(user)}


def list_users(_: Workspace, __: Json) -> Json:
    """users.list."""
    return {"members": [_user_object(each) for each in company.USERS]}


def lookup_by_email(_: Workspace, given: Json) -> Json:
    """users.lookupByEmail."""
    wanted = str(given.get("email", "")).lower()
    user = next((each for each in company.USERS if each.email == wanted), None)
    if user is None:
        raise SlackRefusal("users_not_found")
    return {"user": _user_object(user)}


def open_view(workspace: Workspace, given: Json) -> Json:
    """views.open."""
    view = given.get("view") or {}
    _check_view(view, "modal")
    user = workspace.use_trigger(str(given.get("trigger_id", "")))
    return {"view": workspace.open_view(user, view)}


def update_view(workspace: Workspace, given: Json) -> Json:
    """views.update."""
    view = given.get("view") or {}
    _check_view(view, "modal")
    old = workspace.views.get(str(given.get("view_id", "")))
    if old is None:
        raise SlackRefusal("not_found")
    if given.get("hash") and given["hash"] != old["hash"]:
        raise SlackRefusal("hash_conflict")
    old.update({**view, "hash": f"{workspace.clock():.6f}"})
    return {"view": old}


def publish_view(workspace: Workspace, given: Json) -> Json:
    """views.publish."""
    view = given.get("view") or {}
    _check_view(view, "home")
    user = company.user(str(given.get("user_id", "")))
    if user is None:
        raise SlackRefusal("user_not_found")
    return {"view": workspace.publish_home(user.id, view)}


METHODS: dict[str, tuple[Method, str]] = {
    "auth.test": (auth_test, ""),
    "chat.postMessage": (post_message, "chat:write"),
    "chat.update": (update_message, "chat:write"),
    "chat.delete": (delete_message, "chat:write"),
    "chat.postEphemeral": (post_ephemeral, "chat:write"),
    "chat.getPermalink": (permalink, ""),
    "conversations.history": (history, "channels:history"),
    "conversations.replies": (replies, "channels:history"),
    "conversations.list": (list_channels, "channels:read"),
    "conversations.info": (channel_info, "channels:read"),
    "conversations.open": (open_direct, "im:write"),
    "users.info": (user_info, "users:read"),
    "users.list": (list_users, "users:read"),
    "users.lookupByEmail": (lookup_by_email, "users:read.email"),
    "views.open": (open_view, ""),
    "views.update": (update_view, ""),
    "views.publish": (publish_view, ""),
}
"""Each method with the scope that it needs."""


def _channel(workspace: Workspace, given: Json) -> str:
    """Find the channel that a call names: by id, or by name as chat.postMessage takes it."""
    _ = workspace
    found = company.channel(str(given.get("channel", "")))
    user = company.user(str(given.get("channel", "")))
    if found is None and user is not None:
        return user.direct_channel
    if found is None:
        raise SlackRefusal("channel_not_found")
    return found


def _content(given: Json) -> Json:
    """Check and answer the text and blocks of a message."""
    text, blocks = given.get("text") or "", given.get("blocks") or []
    if not text and not blocks:
        raise SlackRefusal("no_text")
    if len(text) > 40_000:
        raise SlackRefusal("msg_too_long")
    wrong = kit.problems(blocks, "message")
    if wrong:
        raise SlackRefusal("invalid_blocks", response_metadata={"messages": wrong})
    if kit.text_length(blocks) > kit.MOST_TEXT:
        raise SlackRefusal("msg_blocks_too_long")
    numbered = [
        {**each, "block_id": each.get("block_id") or f"b{at}"} for at, each in enumerate(blocks)
    ]
    return {"text": text, "blocks": numbered}


def _check_view(view: Json, kind: str) -> None:
    wrong = kit.problems(view.get("blocks", []), kind)
    if view.get("type") != kind:
        wrong.append(f"[ERROR] must be {kind} [json-pointer:/view/type]")
    if kind == "modal" and len(view.get("title", {}).get("text", "")) not in range(1, 25):
        wrong.append("[ERROR] must be 1 to 24 characters [json-pointer:/view/title/text]")
    if len(view.get("private_metadata", "")) > 3000:
        wrong.append(
            "[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]"
        )
    if wrong:
        raise SlackRefusal("invalid_arguments", response_metadata={"messages": wrong})


def _page(found: list[Json], given: Json) -> Json:
    """Answer one page of messages between `oldest` and `latest`."""
    oldest, latest = float(given.get("oldest") or 0), float(given.get("latest") or "inf")
    inside = [each for each in found if oldest <= float(each["ts"]) <= latest]
    start, size = int(given.get("cursor") or 0), min(999, int(given.get("limit") or 100))
    metadata = str(given.get("include_all_metadata", "")).lower() in {"true", "1"}
    shown = [_public(each, metadata=metadata) for each in inside[start : start + size]]
    more = start + size < len(inside)
    return {
        "messages": shown,
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + size) if more else ""},
    }


def _public(message: Json, *, metadata: bool = True) -> Json:
    hidden = {"ephemeral_for", "channel"} | (set() if metadata else {"metadata"})
    return {key: value for key, value in message.items() if key not in hidden}


def _channel_object(channel: company.Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": True,
        "is_member": True,
        "is_archived": False,
        "topic": {"value": channel.topic},
    }


def _user_object(user: company.User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "tz": user.tz,
        "is_bot": False,
        "profile": {"email": user.email, "real_name": user.real_name, "display_name": user.name},
    }
