"""No request of the hub reaches an address that is not of the open Internet, however a stranger writes it (SSRF)."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.hub.destination import destination_of
from feedsvc.hub.outgoing import Failed, Refused, Sender, check_literal
from feedsvc.hub.resolver import Resolver
from feedsvc.network.ip_ranges import special_range
from tests.hub.network import Connects, Listeners, Names, listeners

GLOBAL_4, GLOBAL_6 = "9.9.9.9", "2620:fe::fe"

# One or more addresses of each range that is not global.
SPECIAL_4 = """0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.255 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.17.0.1
172.31.255.255 192.0.0.1 192.0.0.9 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16""".split()
SPECIAL_6 = """:: ::1 ::2 ::127.0.0.1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
::ffff:9.9.9.9 0:0:0:0:0:ffff:7f00:1 0000:0000:0000:0000:0000:0000:0000:0001 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::9.9.9.9 64:ff9b:1::7f00:1 64:ff9b:1:ffff::1 100::1 100:0:0:1::1 2001::1
2001:0:53aa:64c::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff::1 2001:db8::1 2002:7f00:1::1 2002:a00:1::1 2002:c0a8:1::1
2002:909:909::1 3fff::1 4000::1 5f00::1 8000::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::a9fe:a9fe febf::1 fec0::1
ff00::1 ff02::1 ff0e::1 2620:fe::5efe:127.0.0.1 2620:fe::200:5efe:10.0.0.1 1::1 1fff::1""".split()


def spelled(address: str) -> Iterator[str]:
    """Yield hosts that some parser reads as this address of IPv4."""
    number, parts = int(IPv4Address(address)), [int(each) for each in address.split(".")]
    a, b, c, d = parts
    low = (c << 8) + d
    yield from (str(number), hex(number), f"0{number:o}", hex(number).upper().replace("X", "x"), f"0x{number:020x}")
    yield from (".".join(f"0{each:o}" for each in parts), ".".join(map(hex, parts)), ".".join(f"{e:03}" for e in parts))
    yield from (f"{a}.{(b << 16) + low}", f"{a}.{b}.{low}", f"0x{a:x}.{b}.0{c:o}.{d}", f"{address}.", f"{address}。")
    yield from (address.replace(".", "。"), address.replace(".", "．"), address.replace(".", "｡"))
    yield "".join(chr(ord(each) + 0xFEE0) if each.isdigit() else each for each in address)
    yield "".join(chr(0x2460 + int(each) - 1) if each not in ".0" else each for each in address)
    yield "".join(f"%{ord(each):02x}" for each in address)
    yield f"[::ffff:{address}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::]"


WRITTEN = [
    *(f"http://{address}/" for address in SPECIAL_4),
    *(f"http://[{address}]/" for address in SPECIAL_6),
    *(f"http://{host}/" for address in ("127.0.0.1", "169.254.169.254", "10.1.2.3") for host in spelled(address)),
    *(f"http://{host}/" for host in ("0", "0.0", "0x0", "1", "127.1", "127.0.1", "0x7f.1", "017700000001", "00.0.0.0")),
    *(
        f"http://{host}/"
        for host in ("256.0.0.1", "1.2.3.4.5", "127.0.0.1.1", "4294967296", "127.0.0", "0x", "09.1.1.1")
    ),
    *(f"http://{host}/" for host in ("[::1%25lo]", "[::1%lo]", "[fe80::1%25eth0]", "[fe80::1%1]", "[::1", "::1", "[]")),
    *(f"http://{host}/" for host in ("[127.0.0.1]", "[::1].example.org", "[v1.fe80]", "[::1]]", "[[::1]]", "[::1]a")),
    *(
        f"http://{host}/"
        for host in ("user@127.0.0.1", "9.9.9.9@127.0.0.1", "a:b@localhost", "@127.0.0.1", "127.0.0.1@")
    ),
    *(
        f"http://{host}/"
        for host in (r"9.9.9.9\@127.0.0.1", "9.9.9.9%40127.0.0.1", "9.9.9.9:80@127.0.0.1", "a@b@[::1]")
    ),
    *(
        f"http://{host}/"
        for host in ("9.9.9.9 127.0.0.1", "9.9.9.9\t127.0.0.1", "127.0.0.1\x00", "127.0.0.1%00", "a%2eb")
    ),
    *(
        f"http://{host}/"
        for host in ("9.9.9.9\r\nHost: a", "9.9.9.9\n", "9.9.9.9%0d%0aX:1", "127.0.0.1\u200b", "a\u2028b")
    ),
    *(
        f"http://{host}/"
        for host in ("localhost", "LOCALHOST", "localhost.", "a.localhost", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ")
    ),
    *(
        f"http://{host}/"
        for host in ("loc%61lhost", "local\u00adhost", "localhost。", "printer.local", "metadata.internal")
    ),
    *(
        f"http://{host}/"
        for host in ("router.home.arpa", "a.localdomain", "x.onion", "example.org.", "a..b", ".a", "a.", "")
    ),
    *(
        f"http://{host}/"
        for host in ("-" * 64, "a" * 64, "a." * 130 + "a", "a!b", "a'b", "a,b", "*.example", "a$b", "x" * 3000)
    ),
    *(f"http://9.9.9.9:{port}/" for port in (0, 1, 22, 25, 53, 81, 110, 143, 442, 444, 465, 1023, 65536, 99999, -1)),
    *(f"http://9.9.9.9:{port}/" for port in ("", "080", "0x50", "８０", "80a", "80:80", "80 ", "+80", "443@127.0.0.1")),
    *(
        f"{scheme}://9.9.9.9/"
        for scheme in ("ftp", "file", "gopher", "dict", "ws", "httpx", "", "jar:http", "view-source")
    ),
    *(
        "javascript:alert(1)",
        "data:,x",
        "//9.9.9.9/",
        "/a",
        "9.9.9.9",
        "http:9.9.9.9",
        "http:/9.9.9.9",
        "http:\\\\9.9.9.9",
    ),
    *(
        "http://9.9.9.9/\r\nX: 1",
        "http://9.9.9.9/a b",
        "http://9.9.9.9/\x7f",
        "http://9.9.9.9/?\x00",
        "http://9.9.9.9/\\..\\",
    ),
    *(
        "unix:///run/x.sock",
        "http+unix://%2frun%2fx/",
        "http://9.9.9.9/\ud800",
        " http://9.9.9.9/",
        "http://9.9.9.9/ ",
        "",
    ),
]

# What a name of a stranger resolves to, look-up by look-up.
ANSWERED: dict[str, list[list[str]]] = {
    **{f"to {address}": [[address]] for address in (*SPECIAL_4, *SPECIAL_6, "fe80::1%eth0", "::1%lo", "fe80::1%2")},
    **{f"{GLOBAL_4} and {address}": [[GLOBAL_4, address]] for address in SPECIAL_4[::4]},
    **{f"{address} and {GLOBAL_6}": [[address, GLOBAL_6]] for address in SPECIAL_6[::4]},
    "five global ones and loopback": [["9.9.9.9", "9.9.9.10", "9.9.9.11", "9.9.9.12", "9.9.9.13", "127.0.0.1"]],
    "a name": [["localhost"]],
    "nothing": [[]],
    "a thousand": [[f"9.9.{number >> 8}.{number & 255}" for number in range(1000)]],
}
# The first answer is harmless. A client that resolves once more would connect to the second.
REBINDING = {f"then {address}": [[GLOBAL_4], [address]] for address in (*SPECIAL_4[::2], *SPECIAL_6[::2])}


@pytest.fixture(scope="module")
def heard() -> Iterator[Listeners]:
    with listeners() as found:
        yield found


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> Connects:
    spy = Connects()
    spy.install(monkeypatch)
    return spy


def test_there_are_enough_vectors() -> None:
    assert len({*WRITTEN}) + len(ANSWERED) + len(REBINDING) >= 300


@pytest.mark.parametrize("url", WRITTEN, ids=ascii)
def test_what_is_refused_as_it_is_written(url: str, connects: Connects, heard: Listeners) -> None:
    names = Names({})
    with pytest.raises(Refused):
        check_literal(url, allow_loopback=False)
    with_port = f"{url[:-1]}:{heard.port}/" if url.endswith("/") and url.count("/") == 3 else url
    for each in (url, with_port, url.replace("http:", "https:", 1)):
        with pytest.raises(Refused):
            Sender(Resolver(names)).send("POST", each, body=b"x")
    assert (connects, heard.accepted, names.asked) == ([], [], [])


@pytest.mark.parametrize("name", ANSWERED)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_of_which_one_address_is_not_global(
    name: str, scheme: str, connects: Connects, heard: Listeners
) -> None:
    names = Names({"stranger.example": ANSWERED[name]})
    with pytest.raises(Failed if name in ("nothing", "a thousand") else Refused):
        Sender(Resolver(names)).send("POST", f"{scheme}://stranger.example:{heard.port}/callback", body=b"x")
    assert (connects, heard.accepted, names.asked) == ([], [], ["stranger.example"])


@pytest.mark.parametrize("name", REBINDING)
def test_a_name_is_resolved_once_for_a_request(name: str, connects: Connects, heard: Listeners) -> None:
    names, url = Names({"stranger.example": REBINDING[name]}), f"http://stranger.example:{heard.port}/callback"
    sender = Sender(Resolver(names))
    with pytest.raises(Failed, match="refused by the test"):
        sender.send("GET", url)
    assert (connects, names.asked) == ([GLOBAL_4], ["stranger.example"])
    with pytest.raises(Refused):
        sender.send("GET", url)
    assert (connects, heard.accepted, len(names.asked)) == ([GLOBAL_4], [], 2)


@pytest.mark.parametrize("address", [each for each in (*SPECIAL_4, *SPECIAL_6) if not each.startswith("127.")])
def test_loopback_for_tests_allows_nothing_else(address: str, connects: Connects) -> None:
    if address in ("::1", "0000:0000:0000:0000:0000:0000:0000:0001"):
        return
    names = Names({"stranger.example": [[address]]})
    literal = f"[{address}]" if ":" in address else address
    for url in (f"http://{literal}/", "http://stranger.example/"):
        with pytest.raises(Refused):
            Sender(Resolver(names)).send("GET", url, allow_loopback=True)
    assert connects == []


def test_a_name_of_the_machine_itself_is_refused(connects: Connects, heard: Listeners) -> None:
    """With the resolver of the system, which knows /etc/hosts."""
    for host in ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"):
        with pytest.raises((Refused, Failed)):
            Sender().send("GET", f"http://{host}:{heard.port}/")
    assert [each for each in connects if not special_range(ip_address(each))] == heard.accepted == []


def test_no_proxy_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, connects: Connects, heard: Listeners
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{heard.port}")
    for scheme in ("http", "https"):
        with pytest.raises(Failed, match="refused by the test"):
            Sender().send("GET", f"{scheme}://{GLOBAL_4}/")
    assert (connects, heard.accepted) == ([GLOBAL_4, GLOBAL_4], [])


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nHost: b"},
        {"X": "a\nb"},
        {"X": "a\x00"},
        {"X": "\u20ac"},
        {"X\r\nY": "a"},
        {"X: Y": "a"},
        {"": "a"},
        {"Host": "127.0.0.1"},
        {"host": "a"},
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "upgrade"},
    ],
)
def test_a_header_field_that_would_change_the_message_is_refused(headers: dict[str, str], connects: Connects) -> None:
    with pytest.raises(Refused, match="header field"):
        Sender().send("POST", f"http://{GLOBAL_4}/", headers=headers)
    assert connects == []


@pytest.mark.parametrize("method", ["PUT", "get", "GET /x", "GET\r\n", "CONNECT", "DELETE", ""])
def test_a_method_that_the_hub_does_not_use_is_refused(method: str, connects: Connects) -> None:
    with pytest.raises(Refused, match="method"):
        Sender().send(method, f"http://{GLOBAL_4}/")
    assert connects == []


ACCEPTED = {
    "http://example.org": ("example.org", 80, "/"),
    "https://example.org/?a=b&c[]=%2F%zz&d=é|": ("example.org", 443, "/?a=b&c[]=%2F%zz&d=%C3%A9|"),
    "https://example.org?q": ("example.org", 443, "/?q"),
    "HTTPS://Example.ORG:8443/a/../b//c#fragment?x": ("example.org:8443", 8443, "/a/../b//c"),
    "http://example.org:443/": ("example.org:443", 443, "/"),
    "http://例え.テスト:1024/é": ("xn--r8jz45g.xn--zckzah:1024", 1024, "/%C3%A9"),
    "http://bücher。example/": ("xn--bcher-kva.example", 80, "/"),
    "http://a_b.example-1.org:65535/": ("a_b.example-1.org:65535", 65535, "/"),
    f"http://{GLOBAL_4}:80/": (GLOBAL_4, 80, "/"),
    f"https://[{GLOBAL_6}]/x": (f"[{GLOBAL_6}]", 443, "/x"),
    "https://[2620:FE:0:0:0:0:0:FE]:8080/x": ("[2620:fe::fe]:8080", 8080, "/x"),
    "http://example.org/%0d%0aX:1": ("example.org", 80, "/%0d%0aX:1"),
}


@pytest.mark.parametrize("url", ACCEPTED)
def test_what_is_accepted(url: str) -> None:
    found = destination_of(url, allow_loopback=False)
    assert (found.authority, found.port, found.target) == ACCEPTED[url]


@given(st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address))
def test_an_address_that_python_does_not_call_global_is_special(address: IPv4Address | IPv6Address) -> None:
    assert special_range(address) or (address.is_global and not address.is_multicast)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_address_of_ipv6_that_contains_one_of_ipv4_is_special(address: IPv4Address) -> None:
    number = int(address)
    mapped, nat64 = (0xFFFF << 32) + number, (0x64FF9B << 96) + number
    six_to_four, teredo = (0x2002 << 112) + (number << 80), (0x20010000 << 96) + (number << 64)
    assert all(special_range(IPv6Address(each)) for each in (number, mapped, nat64, six_to_four, teredo))


def test_the_spy_sees_a_connection(connects: Connects, heard: Listeners) -> None:
    """So that the other tests mean something."""
    with socket.create_connection(("127.0.0.2", heard.port)) as connection:
        assert connection.recv(1) == b""
    assert connects == heard.accepted == ["127.0.0.2"]
    heard.accepted.clear()
