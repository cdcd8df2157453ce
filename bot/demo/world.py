"""The sandbox as a program sees it: says, clicks, submits and looks, over the control API."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

Message = dict[str, Any]


class DemoError(Exception):
    """Something went otherwise than it should; the text says what was expected and what was there."""


class World:
    """One sandbox, spoken to over HTTP."""

    def __init__(self, url: str, *, patience: float = 60.0) -> None:
        """`patience` is how many seconds anything may take before it counts as not happening."""
        # No connection is kept: a server may close one in the moment in which it is used again.
        each_anew = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(base_url=url, timeout=30.0, limits=each_anew)
        self._patience = patience

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def state(self) -> dict[str, Any]:
        """Answer who and what there is."""
        return await self._get("/control/state")

    async def say(self, user: str, channel: str, text: str) -> dict[str, Any]:
        """Type a message; answer what only that user sees at once."""
        return await self._post("/control/slack/say", user=user, channel=channel, text=text)

    async def click(self, user: str, channel: str, ts: str, button: str) -> dict[str, Any]:
        """Press a button by its label."""
        return await self._post(
            "/control/slack/click", user=user, channel=channel, ts=ts, button=button
        )

    async def submit(self, user: str, view_id: str, values: dict[str, str]) -> dict[str, Any]:
        """Fill in a modal by its labels."""
        return await self._post("/control/slack/submit", user=user, view_id=view_id, values=values)

    async def messages(
        self, channel: str, *, thread: str | None = None, viewer: str | None = None
    ) -> list[Message]:
        """List a channel's messages, or a thread's, oldest first."""
        params = {"channel": channel}
        if thread is not None:
            params["thread_ts"] = thread
        if viewer is not None:
            params["viewer"] = viewer
        found: list[Message] = (await self._get("/control/slack/messages", **params))["messages"]
        return found

    async def card_in_dingtalk(self, conversation: str, run: str, button: str) -> Message:
        """Wait for the card of a run in a DingTalk group that offers a button. Raises DemoError when it does not come."""
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            found = await self._get("/control/dingtalk/messages", conversation=conversation)
            for message in found["messages"]:
                if message["card"] and run in message["text"] and button in message["buttons"]:
                    shown: Message = message
                    return shown
            await asyncio.sleep(0.1)
        raise DemoError(f"expected a card of {run} in DingTalk that offers {button}")

    async def click_in_dingtalk(
        self, user: str, conversation: str, message: Message, button: str
    ) -> None:
        """Press a button of a card in DingTalk. Raises DemoError when nobody answered in time."""
        answer = await self._post(
            "/control/dingtalk/click",
            user=user,
            conversation=conversation,
            id=message["id"],
            button=button,
            wait=False,
        )
        if not answer["ok"]:
            raise DemoError(f"expected that {button} is answered in DingTalk: {answer}")

    async def webhooks(self) -> list[dict[str, Any]]:
        """List what the webhook receiver got."""
        found: list[dict[str, Any]] = (await self._get("/control/webhooks"))["webhooks"]
        return found

    async def objects(self, cluster: str) -> list[dict[str, Any]]:
        """List the objects of a cluster, summed up."""
        found: list[dict[str, Any]] = (await self._get("/control/clusters", cluster=cluster))[
            "objects"
        ]
        return found

    async def wait_for(
        self,
        what: str,
        channel: str,
        test: Callable[[Message], bool],
        *,
        thread: str | None = None,
        seen: Callable[[list[Message]], None] | None = None,
    ) -> Message:
        """Wait until a message fulfils `test` and answer the newest such; `seen` is shown every look.

        Raises DemoError that names `what` when it does not come.
        """
        end = time.monotonic() + self._patience
        found: list[Message] = []
        while time.monotonic() < end:
            found = await self.messages(channel, thread=thread)
            if seen is not None:
                seen(found)
            for message in reversed(found):
                if test(message):
                    return message
            await asyncio.sleep(0.1)
        last = found[-1]["text"] if found else "nothing"
        raise DemoError(f"expected {what}; the last message was: {last}")

    async def _get(self, path: str, **params: str) -> dict[str, Any]:
        return _answer(await self._client.get(path, params=params))

    async def _post(self, path: str, **body: Any) -> dict[str, Any]:
        return _answer(await self._client.post(path, json=body))


def _answer(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if response.status_code >= 400:
        raise DemoError(f"{response.request.url.path} answered {body.get('error', body)}")
    return body
