"""The channel by which connections go from one process to the other."""

import asyncio
import os
import resource
import socket

import pytest

from etabli.server.connection_passing import MAX_PARCELS, Channel


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    yield one, other
    one.close()
    other.close()


def a_descriptor():
    return os.open(os.devnull, os.O_RDONLY)


def test_a_channel_that_is_full_takes_no_more(ends):
    async def fill():
        channel = Channel(ends[0])
        channel.open(lambda *_: None, lambda: None)
        sent = 0
        while channel.takes_more:
            channel.send(a_descriptor(), b"x" * 10_000)
            sent += 1
        channel.close()
        return sent

    assert MAX_PARCELS <= asyncio.run(fill()) < 2 * MAX_PARCELS


def test_a_connection_that_was_lost_on_the_way_ends_the_channel(ends):
    """What comes after it would be taken for it: one client would get the answers of another."""

    async def lose():
        taken, is_lost = [], asyncio.Event()
        sender, receiver = map(Channel, ends)
        sender.open(lambda *_: None, lambda: None)
        receiver.open(lambda connection, _: taken.append(connection), is_lost.set)
        sender.send(a_descriptor(), b"first")
        sender.send(a_descriptor(), b"second")
        probe = a_descriptor()
        os.close(probe)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (probe, hard))  # not one more can be opened
        try:
            await asyncio.wait_for(is_lost.wait(), 5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            sender.close()
        return taken

    assert asyncio.run(lose()) == []
