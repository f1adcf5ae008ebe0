"""Practice in a browser: the program's page, and who may see it."""

import hmac
import shlex
import sys
from collections.abc import Awaitable, Callable

import aiohttp_jinja2
from aiohttp import web
from textual_serve.server import Server

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.i18n import _, language
from kiosk.lock import held_since_ns
from kiosk.paths import resource

HOST = "127.0.0.1"
"""This machine alone."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_COOKIE = "branch-kiosk"
_FONT_SIZE = 20
_POLICY = (
    # xterm.js sets styles on what it draws; nothing else comes from anywhere but here
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class PracticeServer(Server):
    """One practice at a time, for whoever has the token.

    Args:
        settings: The machine's.
        clock: The machine's.
        host: The address that it listens on.
        port: The port.
        token: What the address of the page must hold.
    """

    def __init__(self, settings: Config, clock: Clock, host: str, port: int, token: str) -> None:
        super().__init__(
            f"{shlex.quote(sys.executable)} -m kiosk.served",
            host=host,
            port=port,
            title=settings.bank.name.in_language(language()),
            templates_path=resource("serve_page"),
        )
        self._settings = settings
        self._clock = clock
        self._token = token

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"{self.public_url}/?token={self._token}"

    def initialize_logging(self) -> None:
        """None: its log would show what is typed wrong, and errors with local variables."""

    async def on_startup(self, app: web.Application) -> None:
        """Without its banner: the command says where it is."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nobody in by another name, from another page, or without the token."""
        if not self._is_ours(request):
            raise web.HTTPForbidden(text=_("This page is not served under this name.") + "\n")
        if not self._has_token(request):
            raise web.HTTPForbidden(
                text=_("The address of this page needs its token; ask who started it.") + "\n"
            )
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = _POLICY
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Referrer-Policy"] = "no-referrer"
            response.set_cookie(_COOKIE, self._token, httponly=True, samesite="Strict")
        return response

    def _is_ours(self, request: web.Request) -> bool:
        """Neither a name that somebody else points here, nor another page's connection."""
        own = f"http://{request.host}"
        return own == self.public_url and request.headers.get("Origin", own) == own

    def _has_token(self, request: web.Request) -> bool:
        given = request.query.get("token") or request.cookies.get(_COOKIE, "")
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page; in words if somebody is at work on this machine already."""
        context = {
            "name": self.title,
            "language": language().replace("_", "-"),
            "busy": self._busy(),
            "ended": _("Practice has ended."),
            "again": _("Begin again"),
            "websocket": f"ws://{request.host}/ws",
            "font_size": _FONT_SIZE,
        }
        return aiohttp_jinja2.render_template("app_index.html", request, context)

    def _busy(self) -> str:
        since = held_since_ns(self._settings.store_path, "terminal", self._clock.boot_id)
        if since is None:
            return ""
        return _("Somebody is at work on this machine. The page comes by itself when it is free.")
