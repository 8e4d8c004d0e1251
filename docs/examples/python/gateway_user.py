"""The user of a request: read from the headers that the gateway, or an app with GradioAuth, sets.

`get_auth_user(request)` takes Gradio's `gr.Request`, Streamlit's `st.context`, Flask's `request` (in Dash, too) and FastAPI's `Request`.

Nobody else can set them as long as the network lets nobody else reach this process: bind it to 127.0.0.1, or let its security
group admit the gateway alone. Where that is not enough, set GATEWAY_JWKS_URL: then nothing is believed but the signed assertion.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from urllib.parse import unquote

import jwt


class HasHeaders(Protocol):
    """What a framework calls a request. The names of its headers are found in any case."""

    @property
    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class User:
    sub: str
    email: str
    username: str
    groups: tuple[str, ...]
    name: str = ""
    # An administrator of the platform, or by the policy's admin_groups and admin_users.
    is_admin: bool = False

    def is_in(self, group: str) -> bool:
        return group in self.groups


def get_auth_user(request: HasHeaders) -> User:
    """The user of this request. Raises PermissionError where the request did not come through the gateway."""
    return _from_assertion(request) if "GATEWAY_JWKS_URL" in os.environ else _from_headers(request)


def _from_headers(request: HasHeaders) -> User:
    def read(name: str) -> str:
        return unquote(request.headers.get(name, ""))

    sub = read("x-forwarded-user")
    if not sub:
        raise PermissionError("This request did not come through the gateway.")
    # The commas between groups are the list's: one within a group's name is encoded.
    groups = request.headers.get("x-forwarded-groups", "")
    return User(
        sub=sub,
        email=read("x-forwarded-email"),
        username=read("x-forwarded-preferred-username"),
        groups=tuple(unquote(group) for group in groups.split(",") if group),
        name=read("x-forwarded-name"),
        is_admin=request.headers.get("x-forwarded-is-admin") == "true",
    )


def _from_assertion(request: HasHeaders) -> User:
    assertion = request.headers.get("x-cognito-auth-assertion", "")
    try:
        claims = jwt.decode(
            assertion,
            _keys().get_signing_key_from_jwt(assertion).key,
            algorithms=["ES256"],
            issuer="cognito-auth",
            audience=os.environ["GATEWAY_AUDIENCE"],
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise PermissionError("This request did not come through the gateway.") from error
    return User(
        sub=claims["sub"],
        email=claims["email"],
        username=claims["preferred_username"],
        groups=tuple(claims["groups"]),
        name=claims["name"],
        is_admin=claims["is_admin"],
    )


@cache
def _keys() -> jwt.PyJWKClient:
    return jwt.PyJWKClient(os.environ["GATEWAY_JWKS_URL"])
