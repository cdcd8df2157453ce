"""How DingTalk refuses: the OpenAPI by an HTTP status and a code, the older API by an errcode in an answer with status 200."""

import secrets
from typing import Any

Json = dict[str, Any]


class DingTalkRefusal(Exception):  # noqa: N818 - it is an answer
    """The OpenAPI refuses a call with a code of the platform's."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(message or code)
        self.status = status
        self.body: Json = {
            "code": code,
            "requestid": secrets.token_hex(16).upper(),
            "message": message or code,
        }


class Errcode(Exception):  # noqa: N818 - as above
    """The older API or a robot refuses a call; the HTTP status is 200 all the same."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.body: Json = {"errcode": errcode, "errmsg": errmsg}
