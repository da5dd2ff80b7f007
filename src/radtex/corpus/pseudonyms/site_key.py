"""The secret that hides a site's patients: made once, kept by the user, never in an output.

Whoever has a run and a list of likely ids could hash the list and compare, if nothing secret went
into the hash. So a run keeps HMACs with this key. It stands in `$RADTEX_SITE_KEY_FILE`, else in
`$XDG_CONFIG_HOME/radtex/site.key`, else in `~/.config/radtex/site.key`.
"""

import errno
import hmac
import logging
import os
import secrets
import stat
import tempfile
from pathlib import Path

from radtex.errors import SiteKeyError

VARIABLE = "RADTEX_SITE_KEY_FILE"
LENGTH = 32
"""Bytes of a key."""
_FOR_OTHERS = stat.S_IRWXO | stat.S_IWGRP
_log = logging.getLogger(__name__)


def fingerprint(key: bytes) -> str:
    """Return a name of a key, 16 hex digits, from which the key cannot be found."""
    return hmac.digest(key, b"radtex site key", "sha256").hex()[:16]


def site_key_file() -> Path:
    """Return where the key of this site stands, or would.

    Raises:
        SiteKeyError: if the user has no home, or named no absolute path.
    """
    named = os.environ.get(VARIABLE)
    try:
        if named:
            path = Path(named).expanduser()
        else:
            base = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
            path = base / "radtex" / "site.key"
    except RuntimeError as error:
        raise SiteKeyError(
            f"there is no home folder to keep the site key in; name a file by {VARIABLE}"
        ) from error
    if not path.is_absolute():
        raise SiteKeyError(f"the site key is looked for at {path}; expected an absolute path")
    return path


def read_site_key() -> bytes | None:
    """Read the key of this site; None where it has none.

    Raises:
        SiteKeyError: if the file is a link or no plain file, others may read it or change it, or it
            holds no key.
    """
    path = site_key_file()
    try:
        # Non-blocking, since a pipe would be waited for.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        opened = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SiteKeyError(
                f"the site key {path} is a link, which is not followed; put the file there, or "
                f"name it by {VARIABLE}"
            ) from error
        raise SiteKeyError(f"the site key {path} cannot be read ({error.strerror})") from error
    try:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise SiteKeyError(f"the site key {path} is no plain file; name another by {VARIABLE}")
        if status.st_mode & _FOR_OTHERS:
            raise SiteKeyError(
                f"the site key {path} may be read or changed by others (mode "
                f"{stat.S_IMODE(status.st_mode):04o}); run `chmod 600` on it"
            )
        key = os.read(opened, LENGTH + 1)
    finally:
        os.close(opened)
    if len(key) != LENGTH:
        found = f"more than {LENGTH}" if len(key) > LENGTH else len(key)
        raise SiteKeyError(
            f"the site key {path} holds {found} bytes; expected the {LENGTH} that radtex made: "
            "restore it, or remove it if no run was made with it"
        )
    return key


def own_site_key() -> bytes:
    """Read the key of this site, and make it where there is none.

    Of two processes that make it at once, one does, and both read what it made.

    Raises:
        SiteKeyError: if it cannot be made, or `read_site_key` refuses it.
    """
    found = read_site_key()
    if found is not None:
        return found
    path = site_key_file()
    try:
        _make(path)
    except OSError as error:
        raise SiteKeyError(
            f"cannot make the site key {path} ({error.strerror}), which hides your patients' ids "
            f"in runs; name a file that lasts and that you alone may read by {VARIABLE}"
        ) from error
    made = read_site_key()
    if made is None:
        raise SiteKeyError(f"the site key {path} was removed as soon as it was made; try again")
    return made


def _make(path: Path) -> None:
    """Put a new key into place whole, unless another process was first."""
    if not os.environ.get(VARIABLE):  # a named folder that is missing may be a disk to mount
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(LENGTH))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            return
    finally:
        aside.unlink()
    _log.info(
        "made the site key %s: it hides your patients' ids in runs; keep a copy, and put it on "
        "every machine of your site, or leaks between runs and corpora cannot be found",
        path,
    )
