"""What is counted in memory is neither lost nor counted twice."""

import pytest

from etabli.foundation.errors import UnavailableError


def test_what_could_not_be_written_is_written_later(site, alice, monkeypatch):
    site.usage.count_download("gone")
    with monkeypatch.context() as patch:

        def down():
            raise UnavailableError(None)

        patch.setattr(site, "open_hub", down)
        with pytest.raises(UnavailableError):
            site.keep_usage()
    site.usage.count_download("gone")
    assert site.usage.take().downloads == {"gone": 2}


def test_a_token_s_use_is_shown_once_it_is_written(site, alices_client, alice):
    alices_client.get("/api/whoami-v2")
    site.keep_usage()
    with site.read_hub() as hub:
        [token] = hub.accounts.tokens(alice)
    assert token.last_used_at is not None
