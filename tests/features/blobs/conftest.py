from tests.s3_server import s3_address, s3_server

__all__ = ["s3_address", "s3_server"]
