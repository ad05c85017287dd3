from etabli.foundation.errors import (
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg


class WrongSizeError(InvalidInputError):
    def __init__(self, expected: int, received: int) -> None:
        self.received = received
        super().__init__(
            msg(
                "Bytes that arrived: {received}, where {expected} were announced. "
                "Nothing was kept; send the file again.",
                received=received,
                expected=expected,
            )
        )


class WrongSha256Error(InvalidInputError):
    def __init__(self, expected: str, received: str) -> None:
        self.received = received
        super().__init__(
            msg(
                "The bytes that arrived have the SHA-256 {received}, and {expected} was announced. "
                "Nothing was kept; send the file again.",
                received=received,
                expected=expected,
            )
        )


class PartMissingError(InvalidInputError):
    def __init__(self, number: int) -> None:
        super().__init__(
            msg("Part {number} of this upload has not arrived. Send it again.", number=str(number))
        )


class PartsJoiningError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "The parts of this upload are being put together. "
                "Ask again in a moment, or begin the upload again."
            )
        )


class LostBytesError(UnavailableError):
    """The database names bytes that are not there: `etabli fsck` tells which."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            msg(
                "This hub has lost the bytes of {key}. Whoever has this file heals it by uploading "
                "it again; tell the operator, who has etabli fsck.",
                key=key,
            )
        )


class BlobNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(msg("This hub holds no such bytes: {name}.", name=name))


class BadXorbError(InvalidInputError):
    def __init__(self, reason: Message) -> None:
        super().__init__(msg("This xorb cannot be kept: {reason}.", reason=reason))


class TooLargeError(LimitError):
    def __init__(self, limit_gb: int) -> None:
        super().__init__(
            msg(
                "A file is over {limit_gb} GB, the most that this hub takes for one. "
                "Split it, or ask the operator to raise the limit.",
                limit_gb=str(limit_gb),
            )
        )


class BadShardError(InvalidInputError):
    def __init__(self, reason: Message) -> None:
        super().__init__(msg("This shard cannot be kept: {reason}.", reason=reason))


class StoreDownError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(msg("The store of this hub's large files does not answer. Try again."))


class BadStoreAddressError(InvalidInputError):
    def __init__(self, address: str) -> None:
        super().__init__(
            msg(
                "“{address}” names no place in S3. Set ETABLI_S3_ADDRESS to s3://bucket/prefix.",
                address=address,
            )
        )


class S3MissingError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            msg("This hub keeps its files in S3, and boto3 is not installed. Install etabli[s3].")
        )


class CuttingFailedError(UnavailableError):
    def __init__(self, reason: str) -> None:
        super().__init__(msg("A file could not be cut into chunks: {reason}", reason=reason))


class MirrorsFullError(LimitError):
    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            msg(
                "This hub keeps {limit_gb} GB of what comes from other hubs, and this file would "
                "be more. Get it where it comes from, or ask the operator to raise the limit.",
                limit_gb=f"{limit_bytes / 1e9:g}",
            )
        )


class QuotaReachedError(LimitError):
    def __init__(self, namespace: str, quota_bytes: int) -> None:
        super().__init__(
            msg(
                "{namespace} may hold {quota_gb} GB in large files here, and this would be more. "
                "Delete some of them, or ask the operator to raise the limit.",
                namespace=namespace,
                quota_gb=f"{quota_bytes / 1e9:g}",
            )
        )
