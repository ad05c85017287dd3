"""Who is admitted."""

from etabli.server.connection_limits import MAX_REFUSED, ConnectionLimits
from etabli.server.connections import LOOKS_PER_S, Connections


class Visitor:
    def __init__(self, host):
        self.host = host
        self.looked = 0
        self.is_closed = False

    def look(self):
        self.looked += 1

    def close(self):
        self.is_closed = True


def connections(most, per_network=2):
    return Connections(ConnectionLimits(most, per_network, head_timeout_s=1, stall_timeout_s=1))


def test_one_network_gets_its_share_and_others_theirs():
    some = connections(100)
    first = Visitor("9.9.9.9")
    assert some.admit(first)
    assert some.admit(Visitor("::ffff:9.9.9.9"))
    assert not some.admit(Visitor("9.9.9.9"))
    assert some.admit(Visitor("9.9.9.10"))
    some.remove(first)
    some.remove(first)
    assert some.admit(Visitor("9.9.9.9"))


def test_a_household_of_ipv6_is_one_network():
    some = connections(100)
    hosts = ["2606:4700::1", "2606:4700::2", "2606:4700::3"]
    assert [some.admit(Visitor(host)) for host in hosts] == [True, True, False]
    assert some.admit(Visitor("2606:4700:0:1::1"))


def test_what_may_be_a_proxy_is_not_counted():
    some = connections(100)
    for host in ("127.0.0.1", "::1", "10.0.0.1", "fd00::1", "", "unix"):
        assert all(some.admit(Visitor(host)) for _ in range(5))


def test_the_longest_idle_is_closed_for_a_new_one_and_who_is_busy_is_not():
    some = connections(3)
    a, b, c, d, e = (Visitor("127.0.0.1") for _ in range(5))
    assert all(map(some.admit, (a, b, c)))
    some.end_idle(a)
    some.end_idle(b)
    some.begin_idle(b)
    assert some.admit(d)
    assert c.is_closed
    some.end_idle(d)
    assert some.admit(e)
    assert b.is_closed
    some.end_idle(e)
    assert not some.admit(Visitor("127.0.0.1"))
    assert [visitor.is_closed for visitor in (a, d, e)] == [False] * 3
    assert len(some) == 3


def test_each_is_looked_at_once_a_second():
    some = connections(100)
    visitors = [Visitor("127.0.0.1") for _ in range(25)]
    assert all(map(some.admit, visitors))
    for _ in range(2 * LOOKS_PER_S):
        some.look()
    assert {visitor.looked for visitor in visitors} == {2}


def test_some_of_those_who_are_refused_are_told_why():
    some = connections(1)
    busy = Visitor("127.0.0.1")
    some.admit(busy)
    some.end_idle(busy)
    refused = [Visitor("127.0.0.1") for _ in range(MAX_REFUSED + 1)]
    assert not any(map(some.admit, refused))
    assert [some.hears_why(visitor) for visitor in refused] == [True] * MAX_REFUSED + [False]
    some.remove(refused[0])
    assert some.hears_why(refused[-1])
