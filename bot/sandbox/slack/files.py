"""Files as Slack takes them: a URL to send the bytes to, and a share that appears some time after it was accepted.

Sources: docs.slack.dev, messaging/working-with-files, files.getUploadURLExternal, files.completeUploadExternal and
objects/file-object. Here is only text; what nobody asks for (thumbnails, public links) a file does not have.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import company
from bot.sandbox.faults import Faults
from bot.sandbox.shelf import Shelf
from bot.sandbox.slack.errors import SlackRefusal
from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]

BIGGEST = 1_000_000_000
BIGGEST_SNIPPET = 1_000_000
PREVIEWED = 5
"""Lines that are shown of a snippet before anyone expands it."""

SNIPPET_TYPES = frozenset(
    {
        "text",
        "diff",
        "go",
        "java",
        "javascript",
        "json",
        "markdown",
        "python",
        "shell",
        "sql",
        "yaml",
    }
)
CHANNEL_ID = re.compile(r"[CDGZ][A-Z0-9]+")


class Files:
    """All files of the workspace, on the shelf before a call is answered."""

    def __init__(
        self, workspace: Workspace, shelf: Shelf, faults: Faults, url: Callable[[], str]
    ) -> None:
        """`url` answers the sandbox's address."""
        self._workspace = workspace
        self._shelf = shelf
        self._faults = faults
        self._url = url
        self._files: dict[str, Json] = dict(shelf.items("slack/files"))
        self._shares: dict[str, asyncio.TimerHandle] = {}
        self.share_takes = 0.4
        """Seconds until an accepted file stands in its channel: Slack looks through it for malware first."""
        self.methods: dict[str, tuple[Callable[[Json], Json], str]] = {
            "files.getUploadURLExternal": (self.upload_url, "files:write"),
            "files.completeUploadExternal": (self.complete, "files:write"),
        }
        """The Web API methods, each with the scope that it needs."""

    def routes(self, reads: Callable[[Request], bool]) -> list[Route]:
        """Answer the routes of the file host; `reads` says whether a request may see files."""

        async def download(request: Request) -> Response:
            return self._download(request, allowed=reads(request))

        return [
            Route("/upload/v1/{ticket}", self._upload, methods=["POST"]),
            Route("/files-pri/{file}/{name:path}", download),
        ]

    def resume(self) -> None:
        """Go on with the shares that were accepted before a restart."""
        for each in self._files.values():
            if each.get("share"):
                self._share_soon(each)

    def close(self) -> None:
        """Let the shares wait that are still to come."""
        for each in self._shares.values():
            each.cancel()
        self._shares.clear()

    def text_of(self, file: str) -> str:
        """Answer what stands in a file."""
        return str(self._files[file]["text"]) if file in self._files else ""

    # The Web API

    def upload_url(self, given: Json) -> Json:
        """files.getUploadURLExternal."""
        missing = [name for name in ("filename", "length") if not given.get(name)]
        if str(given.get("length", "")) == "0":
            raise SlackRefusal("missing_argument")
        length = str(given.get("length", ""))
        if missing or not length.isdecimal():
            raise _invalid(f"missing required field: {missing[0]}" if missing else "length")
        snippet = str(given.get("snippet_type") or "")
        if snippet and snippet not in SNIPPET_TYPES:
            raise SlackRefusal("unknown_snippet_type")
        if snippet and int(length) > BIGGEST_SNIPPET:
            raise SlackRefusal("snippet_too_large")
        if int(length) > BIGGEST:
            raise SlackRefusal("file_upload_size_restricted")
        made = {
            "id": self._workspace.new_id("F"),
            "ticket": self._workspace.new_id("CwABAAAA"),
            "name": str(given["filename"]),
            "length": int(length),
            "created": int(self._workspace.clock()),
            "snippet": snippet,
        }
        self._keep(made)
        return {
            "upload_url": f"{self._url()}/slack/upload/v1/{made['ticket']}",
            "file_id": made["id"],
        }

    def complete(self, given: Json) -> Json:
        """files.completeUploadExternal: answers before the file is shown anywhere."""
        wanted = given.get("files")
        if not isinstance(wanted, list) or not wanted:
            raise _invalid("missing required field: files")
        channel = str(given.get("channel_id") or "")
        if channel and not CHANNEL_ID.fullmatch(channel):
            raise _invalid(f"failed to match the regex pattern {CHANNEL_ID.pattern}")
        if channel and company.channel(channel) is None:
            raise SlackRefusal("channel_not_found")
        found = [self._uploaded(each) for each in wanted]
        for file, each in zip(found, wanted, strict=True):
            file["title"] = str(each.get("title") or file["name"])
            file["ticket"] = ""
            if channel:
                file["share"] = {
                    "channel": channel,
                    "thread": str(given.get("thread_ts") or ""),
                    "comment": str(given.get("initial_comment") or ""),
                }
            self._keep(file)
            if channel:
                self._share_soon(file)
        # What kind of file it is and where it stands Slack knows only later.
        unknown = {"mimetype": "", "filetype": "", "pretty_type": "", "shares": {}, "channels": []}
        return {"files": [{**self._public(each), **unknown} for each in found]}

    def _uploaded(self, wanted: Any) -> Json:
        file = self._files.get(str(wanted.get("id")) if isinstance(wanted, dict) else "")
        if file is None or "text" not in file or not file["ticket"]:
            raise SlackRefusal("file_not_found")
        return file

    # The file host

    async def _upload(self, request: Request) -> Response:
        limited = self._faults.take("slack", "ratelimited", method="upload")
        if limited is not None:
            wait = str(limited.details.get("retry_after", 1))
            return PlainTextResponse("slow down", status_code=429, headers={"Retry-After": wait})
        fault = self._faults.take("slack", "error", method="upload")
        broken = PlainTextResponse("internal error", status_code=500)
        if fault is not None and not fault.details.get("after"):
            return broken
        ticket = request.path_params["ticket"]
        file = next((each for each in self._files.values() if each["ticket"] == ticket), None)
        if file is None:
            return PlainTextResponse("not found", status_code=404)
        content = _content(request.headers.get("content-type", ""), await request.body())
        if len(content) != file["length"]:
            said = f"{file['length']} bytes were announced, not {len(content)}"
            return PlainTextResponse(said, status_code=400)
        file["text"] = content.decode(errors="replace")
        self._keep(file)
        return broken if fault is not None else PlainTextResponse(f"OK - {len(content)}")

    def _download(self, request: Request, *, allowed: bool) -> Response:
        name = request.path_params["name"]
        file = self._files.get(request.path_params["file"].rpartition("-")[2])
        if not allowed:  # Slack sends whoever may not see a file to the page where one signs in
            return RedirectResponse(f"{self._url()}/?redir={request.url.path}", status_code=302)
        if file is None or "text" not in file or name.removeprefix("download/") != file["name"]:
            return PlainTextResponse("not found", status_code=404)
        saved = {"Content-Disposition": "attachment"} if name.startswith("download/") else {}
        return PlainTextResponse(file["text"], headers=saved)

    # Shares

    def _share_soon(self, file: Json) -> None:
        loop = asyncio.get_running_loop()
        self._shares[file["id"]] = loop.call_later(self.share_takes, self._share, file)

    def _share(self, file: Json) -> None:
        del self._shares[file["id"]]
        share = file.pop("share")
        self._keep(file)
        gone = share["thread"] and self._workspace.find(share["channel"], share["thread"]) is None
        if gone or self._faults.take("slack", "error", method="share"):
            return  # nobody is told that it was lost
        message = {
            "channel": share["channel"],
            "user": company.BOT_USER,
            "bot_id": company.BOT,
            "app_id": company.APP,
            "type": "message",
            "text": share["comment"],
            "blocks": [],
            "files": [self._public(file)],
            "upload": False,
            "display_as_bot": False,
        }
        if share["thread"]:
            message["thread_ts"] = share["thread"]
        self._workspace.add(message)

    def _public(self, file: Json) -> Json:
        """Answer a file as Slack's file object."""
        path = f"{self._url()}/slack/files-pri/{company.TEAM}-{file['id']}"
        page = f"https://shop.slack.example/files/{company.BOT_USER}/{file['id']}/{file['name']}"
        lines = file["text"].splitlines()
        return {
            "id": file["id"],
            "created": file["created"],
            "timestamp": file["created"],
            "name": file["name"],
            "title": file["title"],
            "mimetype": "text/plain",
            "filetype": file["snippet"] or "text",
            "pretty_type": "Plain Text",
            "user": company.BOT_USER,
            "user_team": company.TEAM,
            "editable": True,
            "size": file["length"],
            "mode": "snippet",
            "is_external": False,
            "external_type": "",
            "is_public": True,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": f"{path}/{file['name']}",
            "url_private_download": f"{path}/download/{file['name']}",
            "permalink": page,
            "edit_link": f"{page}/edit",
            "preview": "\n".join(lines[:PREVIEWED]),
            "lines": len(lines),
            "lines_more": max(0, len(lines) - PREVIEWED),
            "preview_is_truncated": len(lines) > PREVIEWED,
            "is_starred": False,
            "has_rich_preview": False,
            "file_access": "visible",
        }

    def _keep(self, file: Json) -> None:
        self._shelf.put("slack/files", file["id"], file)
        self._files[file["id"]] = file


def _invalid(what: str) -> SlackRefusal:
    return SlackRefusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {what}"]})


def _content(kind: str, body: bytes) -> bytes:
    """Answer the bytes of a file that was sent as they are, or as a form of browsers."""
    if not kind.startswith("multipart/form-data"):
        return body
    form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    return next(_files_in(form.walk()), b"")


def _files_in(parts: Iterator[Any]) -> Iterator[bytes]:
    return (each.get_payload(decode=True) for each in parts if each.get_filename())
