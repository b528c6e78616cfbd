"""The PyPI package Canaille as a peer of tokenspec: an identity server with pages to log in and to
consent. This file registers the clients that tokenspec.toml names and two users; what Canaille answers
is its own. Its database lies in a temporary folder and is gone when it ends.
"""

import asyncio
import os
import secrets
import signal
import sys
import tempfile
import time

from canaille.app import models
from canaille.backends import Backend
from canaille.hypercorn.app import create_app
from hypercorn.asyncio import serve
from hypercorn.config import Config

HOST = "127.0.0.1"
CODE = ["authorization_code", "refresh_token"]

# The secrets are the ones in tokenspec.toml. They guard nothing: the server listens on the loopback
# interface and forgets everything when it ends.
CLIENTS = [
    ("main", "client_secret_basic", [*CODE, "client_credentials"]),
    ("other", "client_secret_basic", [*CODE, "client_credentials"]),
    # Its client_credentials take client_secret_basic alone.
    ("main-post", "client_secret_post", CODE),
    ("other-post", "client_secret_post", CODE),
    # No client_credentials, and one redirect URI.
    ("codes", "client_secret_basic", CODE),
    ("reserved", "client_secret_basic", ["client_credentials"]),
    ("public", "none", CODE),
    ("other-public", "none", CODE),
]
USERS = {
    "alice": "alice-password-that-guards-nothing",
    "bob": "bob-password-that-guards-nothing",
}
# What the form encoding of HTTP Basic changes.
RESERVED = ("tokenspec:reserved", "reserved+secret%20that/guards:nothing&0123456789")


def register(name, method, grants):
    client_id, secret = f"tokenspec-{name}", f"{name}-secret-that-guards-nothing-0123456789"
    if name == "reserved":
        client_id, secret = RESERVED
    client = models.Client(
        client_id=client_id,
        client_name=name,
        client_secret=None if method == "none" else secret,
        token_endpoint_auth_method=method,
        grant_types=grants,
        response_types=["code"],
        id_token_signed_response_alg="RS256",
        redirect_uris=[
            f"https://client.example/{name}/callback",
            *([] if name == "codes" else [f"https://client.example/{name}/other"]),
        ],
        scope=["openid", "profile"],
    )
    Backend.instance.save(client)
    # As the form for a new client does it: a client may introspect tokens that are meant for it.
    client.audience = [client]
    Backend.instance.save(client)


class OneTokenEachSecond:
    """Lets the token endpoint give one token in a second, and delays the others.

    Canaille's access tokens are the same where client, user, scope and second are: the second of them
    is answered with 500, and so are a code and its refresh within a second. A run of tokenspec would
    see little else. UNPACED=1 leaves this out.
    """

    def __init__(self, app):
        self.app = app
        self.turn = asyncio.Lock()
        self.second = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"] != "/oauth/token":
            return await self.app(scope, receive, send)

        async def watch(message):
            if message["type"] == "http.response.start" and message["status"] == 200:
                self.second = int(time.time())
            await send(message)

        async with self.turn:
            await asyncio.sleep(max(0, self.second + 1 - time.time()))
            await self.app(scope, receive, watch)


async def main(port, folder):
    asgi = create_app(
        config={
            "SECRET_KEY": secrets.token_urlsafe(),
            "SERVER_NAME": f"{HOST}:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE_SQL": {
                "DATABASE_URI": f"sqlite:///{folder}/canaille.sqlite",
                "AUTO_MIGRATE": True,
            },
        },
        env_file=None,
    )
    app = asgi.wsgi_application
    with app.app_context(), Backend.instance.session():
        for name, password in USERS.items():
            Backend.instance.save(
                models.User(
                    user_name=name,
                    password=password,
                    family_name="Example",
                    given_name=name.capitalize(),
                    formatted_name=f"{name.capitalize()} Example",
                    emails=[f"{name}@client.example"],
                )
            )
        for client in CLIENTS:
            register(*client)

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    serving = asyncio.create_task(
        serve(
            asgi if os.environ.get("UNPACED") else OneTokenEachSecond(asgi),
            Config.from_mapping(bind=[f"{HOST}:{port}"], graceful_timeout=1, errorlog="-"),
            shutdown_trigger=ended.wait,
        )
    )
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        print(f"ready http://{HOST}:{port}", flush=True)
        break
    await serving


if __name__ == "__main__":
    try:
        port = int(os.environ.get("PORT", "9403"))
    except ValueError:
        sys.exit(f"PORT is {os.environ['PORT']}: it has to be a number")
    with tempfile.TemporaryDirectory(prefix="tokenspec-peer-canaille-") as folder:
        asyncio.run(main(port, folder))
