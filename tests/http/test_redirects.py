"""Wherever a redirect of ours leads, it is on this site."""

import random
import re
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest

import etabli
from etabli.http import local_address, redirect, redirect_by_htmx
from tests.conftest import issue_token

BASE = "http://testserver/page"
PIECES = [
    *("/", "\\", "\t", "\n", "\r", " ", "\0", "\x7f", ":", "@", "?", "#", ".", "..", ";", "%"),
    *("%2f", "%2F", "%5c", "%09", "%0a", "%0d", "%20", "%00", "%2e"),
    *(
        "http:",
        "https:",
        "javascript:",
        "data:",
        "//",
        "user@",
        "evil.example",
        "a",
        "é",
        "／",
        "。",
    ),
]
STRAY = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "/%2fevil.example",
    "/%2F%2Fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "https:evil.example",
    "https://evil.example",
    "https:/evil.example",
    "http://testserver@evil.example",
    "//testserver@evil.example",
    "javascript:alert(1)",
    "evil.example",
    "",
]


def host_for_a_browser(address):
    """Where a browser goes from BASE. Source: the URL standard, 4.4, for special schemes."""
    address = address.strip("".join(map(chr, range(33))))
    address = re.sub(r"[\t\n\r]", "", address)
    before, mark, after = re.match(r"([^?#]*)([?#]?)(.*)", address, re.DOTALL).groups()
    before = before.replace("\\", "/")
    if re.match(r"https?:/*", before):
        return urlsplit(re.sub(r"https?:/*", "http://", before) + mark + after).netloc
    if before.startswith("//"):
        return before.lstrip("/").partition("/")[0]
    return urlsplit(urljoin(BASE, before + mark + after)).netloc


def decoded_once_more(address):
    """As a proxy may that takes `%2F` for a slash."""
    return re.sub(r"%(2f|5c|0[9ad]|20)", lambda m: chr(int(m[1], 16)), address, flags=re.I)


def assert_stays(location):
    assert location.startswith("/")
    assert re.fullmatch(r"[\x21-\x7e]+", location)
    assert host_for_a_browser(location) == "testserver"
    assert host_for_a_browser(decoded_once_more(location)) == "testserver"


def test_the_browser_of_these_tests_goes_where_a_browser_goes():
    for address in ("//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example"):
        assert host_for_a_browser(address) == "evil.example"
    assert host_for_a_browser("/a//b?next=//c") == "testserver"


@pytest.mark.parametrize("address", STRAY)
def test_what_leads_elsewhere_leads_home(address):
    assert local_address(address) == "/"
    assert_stays(redirect(address, 303).headers["location"])
    assert redirect_by_htmx(address).headers["hx-redirect"] == "/"


@pytest.mark.parametrize(
    "address", ["/", "/alice/m", "/a?next=//b", "/a//b", "/login?next=%2F", "/~x"]
)
def test_what_is_here_is_kept(address):
    assert local_address(address) == address
    assert redirect(address, 303).headers["location"] == address


def test_a_name_in_an_address_may_be_anything():
    assert redirect("/alice/m/blob/main/été a\\b", 303).headers["location"] == (
        "/alice/m/blob/main/%C3%A9t%C3%A9%20a%5Cb"
    )


def test_no_address_whatever_it_is_made_of_leads_elsewhere():
    chance = random.Random(18)
    for _ in range(20_000):
        address = "".join(chance.choices(PIECES, k=chance.randint(1, 7)))
        assert_stays(redirect(address, 303).headers["location"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("page", ["login", "", "no/such/page", "alice", "api/models", "create"])
def test_no_path_that_begins_with_another_sites_name_is_answered(client, method, page):
    for start in (
        "//evil.example/",
        "/%2Fevil.example/",
        "/%5Cevil.example/",
        "/%09/evil.example/",
    ):
        url = f"http://testserver{start}{page}?lang=fr"
        answer = client.request(method, url, follow_redirects=False)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_page_switches_its_language_where_it_is(client):
    for page in ("/", "/login", "/no/such/page", "/models", "/a%5Cb", "/a%09b", "/a//b", "/@x:1"):
        answer = client.get(f"http://testserver{page}?lang=fr", follow_redirects=False)
        if "location" in answer.headers:
            assert_stays(answer.headers["location"])


@pytest.mark.parametrize("address", STRAY)
def test_signing_in_leads_nowhere_else(client, alice, address):
    form = {"name": "alice", "password": "correct horse", "next": address}
    signed_in = client.post("/login", data=form, follow_redirects=False)
    assert signed_in.status_code == 303
    assert signed_in.headers["location"] == "/"
    again = client.get(f"/login?next={quote(address, safe='')}", follow_redirects=False)
    assert again.status_code == 303
    assert_stays(again.headers["location"])


def test_a_repository_that_has_moved_leads_nowhere_else(site, client, alice):
    client.headers["Authorization"] = f"Bearer {issue_token(site, 'alice')}"
    client.post("/api/repos/create", json={"name": "old"}).raise_for_status()
    move = {"fromRepo": "alice/old", "toRepo": "alice/new", "type": "model"}
    client.post("/api/repos/move", json=move).raise_for_status()
    for rest in (
        "",
        "/tree/main",
        "/resolve/main//evil.example",
        "/blob/main/%5C%5Cevil",
        "?next=//e",
    ):
        answer = client.get(f"/alice/old{rest}", follow_redirects=False)
        assert answer.status_code == 307
        assert_stays(answer.headers["location"])
        assert "/alice/new" in answer.headers["location"]


def test_every_redirect_is_made_in_one_place():
    """An address elsewhere is another thing: where large files are kept, if not here; and what
    the clients of other hubs are told, one follows itself and the other only says.
    """
    source = Path(etabli.__file__).parent
    made = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if re.search(r"RedirectResponse\(|HX-Redirect|[\"']location[\"']", path.read_text(), re.I)
    }
    assert made == {
        "http/redirects.py",
        "api/huggingface/files.py",
        "foundation/http_client.py",
        "features/federation/client.py",
        "client/connection.py",
    }
