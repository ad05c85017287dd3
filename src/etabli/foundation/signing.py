"""What the hub signs: tokens and addresses that carry their own proof, and end by themselves.

They are no secrets of accounts: each is good for the few things that it names, for some hours at
most.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from etabli.foundation.db import Table

CAS = "cas"
"""The purpose of a token for the bytes of one repository: see `etabli.api.cas_tokens`."""
KEY_BYTES = 32
_NAME = "signing"


class Secret(Table):
    """A random key that only this hub knows. Made once, and never shown."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


def find_key(db: Session) -> bytes | None:
    row = db.get(Secret, _NAME)
    return row.value if row else None


def make_key(db: Session) -> bytes:
    """The hub's key, made now if there is none: two processes that start together share one."""
    try:
        with db.begin_nested():
            db.add(Secret(name=_NAME, value=secrets.token_bytes(KEY_BYTES)))
    except IntegrityError:
        db.expire_all()
    key = find_key(db)
    assert key is not None  # noqa: S101
    return key


class Signer:
    """Signs claims for one purpose, and reads back only what it has signed for it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(
        self, purpose: str, claims: Mapping[str, Any], now: datetime, lifetime: timedelta
    ) -> str:
        """Text that fits in a header and in an address."""
        shape = {**claims, "exp": int((now + lifetime).timestamp())}
        payload = json.dumps(shape, separators=(",", ":"), sort_keys=True).encode()
        return f"{_encode(payload)}.{_encode(self._mac(purpose, payload))}"

    def read(self, purpose: str, signed: str, now: datetime) -> Mapping[str, Any] | None:
        """The claims; None when the text is not ours, is for another purpose, or is too old."""
        payload_text, _, mac_text = signed.partition(".")
        try:
            payload, mac = _decode(payload_text), _decode(mac_text)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(mac, self._mac(purpose, payload)):
            return None
        claims: Mapping[str, Any] = json.loads(payload)
        return claims if claims["exp"] > now.timestamp() else None

    def _mac(self, purpose: str, payload: bytes) -> bytes:
        message = purpose.encode("utf-8", "surrogatepass") + b"\0" + payload
        return hmac.digest(self._key, message, hashlib.sha256)


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
