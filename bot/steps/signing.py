"""Signs what a step sends, so that whoever gets it knows that it is ours and unchanged: Standard Webhooks, symmetric.

`webhook-id`, `webhook-timestamp` and `webhook-signature` as the specification has them (standardwebhooks.com, version 1.0.0):
HMAC-SHA256 over `id.timestamp.body`, with a secret that is written in base64 after `whsec_`. Several secrets, with spaces between
them, make several signatures: for a while both the old one and the new one hold. What is signed are the bytes that are sent.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator

from bot.errors import Permanent
from bot.steps.concealed import Concealed, Vault
from bot.steps.contract import Sign
from bot.steps.parameters import is_expression

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""
MOST = 4
"""Secrets at a time."""
DOT = "%2E"
"""For a full stop in an id, which would let a part of the body pass for the time."""


def _not_written_out(given: Any) -> Any:
    if isinstance(given, str) or (isinstance(given, Mapping) and "value" in given):
        raise ValueError("a secret is not written out: use fromSetting or secretRef")
    return given


SignWith = Annotated[Concealed, BeforeValidator(_not_written_out)]
"""The property `signWith`: where the secret is."""


async def signing(given: Concealed | None, vault: Vault, key: str, now: datetime) -> Sign | None:
    """Answer what signs a call; None: it is not to be signed.

    Raises Permanent when the secret is not there or is none, Temporary when the cluster that has it cannot be asked.
    """
    return None if given is None else signer(await _secrets(given, vault), key, now)


async def check_signing(given: Any, vault: Vault) -> None:
    """Look whether what a file says after `signWith`, if anything, leads to secrets. Raises as `signing`."""
    if isinstance(given, Mapping) and not any(is_expression(each) for each in given.values()):
        await _secrets(Concealed.model_validate(dict(given)), vault)


async def _secrets(given: Concealed, vault: Vault) -> list[bytes]:
    written = (await vault.text(given)).split()
    for each in written:  # somebody repeats one of them, and not always with what it begins with
        vault.conceal(each)
        vault.conceal(each.removeprefix(PREFIX))
    secrets = [_secret(each) for each in written]
    if not 1 <= len(secrets) <= MOST:
        raise Permanent(f"signWith holds {len(secrets)} secrets; expected from 1 to {MOST}")
    return secrets


def signer(secrets: Sequence[bytes], key: str, now: datetime) -> Sign:
    """Answer what signs a body. `key` is the same for every try of a call, the time is that of this one."""
    identity, moment = key.replace(".", DOT), str(int(now.timestamp()))

    def sign(body: bytes) -> dict[str, str]:
        signed = b".".join((identity.encode(), moment.encode(), body))
        signatures = [_signature(each, signed) for each in secrets]
        return {
            "webhook-id": identity,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signatures),
        }

    return sign


def _signature(secret: bytes, signed: bytes) -> str:
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _secret(written: str) -> bytes:
    """Read a secret; nothing of it is said when it is none."""
    try:
        secret = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not SHORTEST <= len(secret) <= LONGEST:
        raise Permanent(
            f"signWith holds no secret of Standard Webhooks: expected {PREFIX} and from {SHORTEST} to {LONGEST} bytes in base64"
        )
    return secret
