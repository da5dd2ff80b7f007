"""Where a PACS is, and who asks: an address without secrets, and secrets from the environment."""

import base64
import os
from ipaddress import ip_address
from urllib.parse import urlsplit

from radtex.errors import PacsError

TOKEN, LOGIN = "RADTEX_PACS_TOKEN", "RADTEX_PACS_LOGIN"
"""Environment variables: a bearer token, or user:password."""
_EXAMPLE = "https://pacs.example/dicom-web"


def checked_address(url: str) -> str:
    """Return an address of a DICOMweb service as it may be shown and stored.

    Raises:
        PacsError: if it is none, or holds what does not belong there, such as a password.
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise PacsError(f"the PACS's address is no URL; expected one as {_EXAMPLE}") from None
    if "@" in parts.netloc:
        raise PacsError(
            "the PACS's address holds a user or password, which others could read; put them into "
            f"the environment as {LOGIN}=user:password, or {TOKEN}"
        )
    if parts.scheme not in ("http", "https") or not host:
        raise PacsError(f"the PACS's address is no URL; expected one as {_EXAMPLE}")
    if parts.query or parts.fragment:
        raise PacsError(
            f"the PACS's address goes on after its path with ? or #; expected one as {_EXAMPLE}, "
            "and what to ask for by --query"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def authorization() -> str | None:
    """Return the header that says who asks, from the environment; None where nothing is set.

    Raises:
        PacsError: if both variables are set, or one cannot be sent.
    """
    token, login = (os.environ.get(name, "") for name in (TOKEN, LOGIN))
    if token and login:
        raise PacsError(f"{TOKEN} and {LOGIN} are both set; the PACS takes one of them")
    if token:
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise PacsError(f"{TOKEN} has spaces or letters that cannot be sent; set the token")
        return f"Bearer {token}"
    if login:
        if ":" not in login:
            raise PacsError(f"{LOGIN} has no colon; expected user:password")
        return "Basic " + base64.b64encode(login.encode()).decode()
    return None


def is_open_to_listeners(url: str) -> bool:
    """Tell whether what is sent to an address crosses a network without encryption."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return False
    host = parts.hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
