"""A small web server for a chat that calls us. TLS is the business of whatever stands before it."""

from aiohttp import web

from bot.errors import UserError

GRACE = 3.0
"""Seconds that requests under way have when it ends."""


async def listen(app: web.Application, host: str, port: int, *, setting: str) -> web.AppRunner:
    """Serve an app; port 0 is any free one. Raises UserError, which names the setting, when the address cannot be had."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise UserError(
            f"{setting}: {host}:{port} cannot be listened on ({error.strerror})"
        ) from error
    return runner


def address(runner: web.AppRunner, path: str) -> str:
    """Answer where a path of it is asked."""
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}{path}"
