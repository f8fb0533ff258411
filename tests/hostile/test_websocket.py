"""RFC 6455, rule by rule: what a client may send, and what ends it.

Each row is bytes and what comes of them: OK for a message that is heard, a
Pong, or the codes with which the server may close. What the server says is
judged by an independent library all the while (conforming.py).
"""

import json
import struct

import pytest
from conforming import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    cut,
    frame,
    text,
)
from websockets.frames import Opcode

FRAME_MAX = 30 * 1024
OK = "ok"
PROTOCOL_ERROR = {1002}
# The library drops such a peer without a word, which the standard allows.
DROPPED = {1002, None}
BAD_UTF8 = {1007}
TOO_LARGE = {1009}


class Pong(bytes):
    """The payload of the pong that is expected."""


def message(size=40, filling="a"):
    """A request of so many bytes, which is answered under its id."""
    head = b'{"action":"ping","id":1,"x":"'
    room = size - len(head) - 2
    filled = (filling * room).encode()[:room]
    while filled and not is_utf8(filled):
        filled = filled[:-1]
    return head + filled.ljust(room) + b'"}'


def is_utf8(data):
    try:
        return bool(data.decode()) or not data
    except UnicodeDecodeError:
        return False


def closing(code, reason=b""):
    return frame(FIN | CLOSE, struct.pack("!H", code) + reason)


PLAIN = message()
# One, two, three and four bytes a character.
SPELLED = '{"action":"ping","id":1,"x":"aéकक€\U0001f600"}'.encode()
INSIDE = range(SPELLED.index(b"a\xc3"), len(SPELLED))

LENGTHS = {
    **{
        f"5.2 a message of {size} bytes": (text(message(size)), OK)
        for size in (124, 125, 126, 127, 128, 1023, 1024, 1025, 4096, FRAME_MAX)
    },
    **{
        f"5.2 a message of {size} bytes is too large": (text(message(size)), TOO_LARGE)
        for size in (FRAME_MAX + 1, 65535, 65536, 65537)
    },
    "5.2 a length of 2^62": (b"\x81\xff" + struct.pack("!Q", 2**62) + b"mask" + b"x", TOO_LARGE),
    "5.2 a length with the highest bit": (
        b"\x81\xff" + struct.pack("!Q", 2**63) + b"mask" + b"x",
        {1002, 1009, None},
    ),
    # Not the shortest form, which a sender must use. The library takes it.
    "5.2 a short length in 2 bytes": (frame(FIN | TEXT, PLAIN, 2), OK),
    "5.2 a short length in 8 bytes": (frame(FIN | TEXT, PLAIN, 8), OK),
    # The library takes it too, and has no way to tell (docs/security.md).
    "5.1 a frame that is not masked": (frame(FIN | TEXT, PLAIN, mask=False), OK),
    "5.3 a mask of zeroes": (b"\x81\xa8" + bytes(4) + PLAIN, OK),
}

HEADERS = {
    **{
        f"5.2 reserved opcode {opcode:#x}": (frame(FIN | opcode, b"hi"), PROTOCOL_ERROR)
        for opcode in (*range(0x3, 0x8), *range(0xB, 0x10))
    },
    **{
        f"5.2 reserved bit {bit:#x} on opcode {opcode:#x}": (
            frame(FIN | bit | opcode, PLAIN),
            PROTOCOL_ERROR,
        )
        for bit in (RSV1, RSV2, RSV3, RSV1 | RSV2 | RSV3)
        for opcode in (TEXT, BINARY, PING, PONG, CLOSE)
    },
    **{
        f"5.2 reserved bit {bit:#x} inside a message": (
            frame(TEXT, PLAIN[:9]) + frame(FIN | bit, PLAIN[9:]),
            PROTOCOL_ERROR,
        )
        for bit in (RSV1, RSV2, RSV3)
    },
    "5.6 a binary message": (frame(FIN | BINARY, PLAIN), {1003}),
    "5.6 a binary message in fragments": (
        frame(BINARY, PLAIN[:9]) + frame(FIN, PLAIN[9:]),
        {1003},
    ),
    "5.6 an empty message is none of ours": (text(b"") + text(PLAIN), OK),
}

FRAGMENTS = {
    "5.4 two fragments": (cut(PLAIN, 20), OK),
    "5.4 fragments of one byte": (cut(PLAIN, *range(1, len(PLAIN))), OK),
    "5.4 empty fragments first, between and last": (cut(PLAIN, 0, 0, 9, 9, len(PLAIN)), OK),
    "5.4 fragments at the limit": (cut(message(FRAME_MAX), 1000, 20000), OK),
    "5.4 fragments over the limit": (cut(message(FRAME_MAX + 1), 1000, 20000), TOO_LARGE),
    "5.4 a fragment that would go over the limit": (
        frame(TEXT, message(20000)) + b"\x80\xfe" + struct.pack("!H", 20000) + b"mask" + b"x",
        TOO_LARGE,
    ),
    "5.4 a ping between fragments": (
        frame(TEXT, PLAIN[:9]) + frame(FIN | PING, b"in") + frame(FIN, PLAIN[9:]),
        Pong(b"in"),
    ),
    "5.4 pings between many fragments": (
        b"".join(frame(TEXT if n == 0 else 0, PLAIN[n : n + 1]) + frame(FIN | PING, b"n")
                 for n in range(len(PLAIN)))
        + frame(FIN, b""),
        OK,
    ),
    "5.4 a close between fragments": (frame(TEXT, PLAIN[:9]) + closing(1000), {1000}),
    "5.4 a continuation of nothing": (frame(FIN | CONTINUATION, PLAIN), PROTOCOL_ERROR),
    "5.4 a continuation of nothing, not final": (frame(CONTINUATION, PLAIN), PROTOCOL_ERROR),
    "5.4 a continuation after the end": (
        text(PLAIN) + frame(FIN | CONTINUATION, PLAIN),
        PROTOCOL_ERROR,
    ),
    "5.4 a text inside a text": (frame(TEXT, PLAIN[:9]) + text(PLAIN), PROTOCOL_ERROR),
    "5.4 a binary inside a text": (
        frame(TEXT, PLAIN[:9]) + frame(FIN | BINARY, PLAIN),
        PROTOCOL_ERROR,
    ),
    "5.4 a text inside a text, not final": (
        frame(TEXT, PLAIN[:9]) + frame(TEXT, PLAIN),
        PROTOCOL_ERROR,
    ),
}  # fmt: skip

CONTROL = {
    **{
        f"5.5.2 a ping of {size} bytes": (frame(FIN | PING, b"p" * size), Pong(b"p" * size))
        for size in (0, 1, 124, 125)
    },
    "5.5.2 a ping of any bytes": (frame(FIN | PING, bytes(range(125))), Pong(range(125))),
    **{
        f"5.5 opcode {opcode:#x} of {size} bytes": (frame(FIN | opcode, b"\x03\xe8" * (size // 2)), DROPPED)
        for opcode in (PING, PONG, CLOSE)
        for size in (126, 128, 65536)
    },
    **{
        f"5.5 opcode {opcode:#x} in fragments": (
            frame(opcode, b"\x03\xe8") + frame(FIN, b""),
            PROTOCOL_ERROR,
        )
        for opcode in (PING, PONG, CLOSE)
    },
    "5.5.3 a pong that nobody asked for": (frame(FIN | PONG, b"p") + text(PLAIN), OK),
    "5.5.3 a large pong that nobody asked for": (
        frame(FIN | PONG, b"p" * 125) + text(PLAIN),
        OK,
    ),
}  # fmt: skip

CLOSES = {
    "5.5.1 a close without a code": (frame(FIN | CLOSE), {1005}),
    "5.5.1 half a code": (frame(FIN | CLOSE, b"\x03"), PROTOCOL_ERROR),
    "5.5.1 a reason of 123 bytes": (closing(1000, b"r" * 123), {1000}),
    "5.5.1 a reason that is no UTF-8": (closing(1000, b"\xff\xfe"), {1007, 1002, None}),
    "5.5.1 nothing is heard after a close": (closing(1000) + text(PLAIN), {1000}),
    **{
        f"7.4 code {code} is one": (closing(code), {code})
        for code in (1000, 1001, 1002, 1003, *range(1007, 1012), 3000, 3999, 4000, 4999)
    },
    **{
        f"7.4 code {code} is none": (closing(code), PROTOCOL_ERROR)
        for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999)
    },
    **{
        f"7.4 code {code} is beyond all": (closing(code), PROTOCOL_ERROR)
        for code in (5000, 5001, 9999, 65535)
    },
}

NOT_UTF8 = {
    "a lone continuation": b"\x80",
    "the last lone continuation": b"\xbf",
    "an overlong slash": b"\xc0\xaf",
    "an overlong DEL": b"\xc1\xbf",
    "overlong in three bytes": b"\xe0\x80\xaf",
    "overlong in four bytes": b"\xf0\x80\x80\xaf",
    "an overlong NUL": b"\xc0\x80",
    "the first surrogate": b"\xed\xa0\x80",
    "the last surrogate": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond U+10FFFF": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "0xFE": b"\xfe",
    "0xFF": b"\xff",
    "two bytes, cut": b"\xc3",
    "three bytes, cut": b"\xe2\x82",
    "four bytes, cut": b"\xf0\x9f\x98",
}

UTF8 = {
    **{
        f"8.1 {name}": (text(PLAIN[:-2] + bad + b'"}'), BAD_UTF8)
        for name, bad in NOT_UTF8.items()
    },
    **{
        f"8.1 {name} across fragments": (
            frame(TEXT, PLAIN[:-2] + bad[:1]) + frame(FIN, bad[1:] + b'"}'),
            BAD_UTF8,
        )
        for name, bad in NOT_UTF8.items()
    },
    **{
        f"8.1 good bytes cut at {place}": (cut(SPELLED, place), OK) for place in INSIDE
    },
    "8.1 good bytes cut everywhere": (cut(SPELLED, *range(1, len(SPELLED))), OK),
    "8.1 a character that never ends": (text(PLAIN[:-2] + b"\xf0\x9f\x98"), BAD_UTF8),
    "8.1 refused before the message ends": (frame(TEXT, PLAIN[:9] + b"\xff"), BAD_UTF8),
    **{
        f"8.1 U+{point:04X} is a character": (
            text(PLAIN[:-2] + chr(point).encode() + b'"}'),
            OK,
        )
        for point in (0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF)
        + (0x10000, 0x1FFFE, 0x10FFFF)
    },
    "8.1 a large message of wide characters": (text(message(FRAME_MAX, "\U0001f600")), OK),
    "8.1 wide characters across the receive buffer": (
        cut(message(9000, "€"), 1023, 2049, 4097),
        OK,
    ),
}  # fmt: skip

CASES = {**LENGTHS, **HEADERS, **FRAGMENTS, **CONTROL, **CLOSES, **UTF8}


def hears(client, expected):
    """The frame that was expected, past others."""
    while (heard := client.receive()) is not None:
        if isinstance(expected, Pong):
            if heard.opcode is Opcode.PONG:
                return bytes(heard.data) == expected
        elif heard.opcode is Opcode.TEXT:
            return json.loads(bytes(heard.data))["reply"] == 1
    return False


@pytest.mark.parametrize("sent, expected", CASES.values(), ids=CASES.keys())
def test_rule(conform, sent, expected):
    client = conform()
    try:
        client.send(sent)
    except ConnectionError:
        assert isinstance(expected, set)
    if not isinstance(expected, set):
        assert hears(client, expected)
        return
    code, before = client.ending()
    assert code in expected
    assert not any(b'"reply"' in heard.data for heard in before[:-1])


def test_bytes_may_come_one_by_one(conform):
    client = conform()
    client.send_slowly(cut(SPELLED, 9, 33) + frame(FIN | PING, b"p"))
    assert hears(client, OK)
    assert hears(client, Pong(b"p"))


def test_messages_may_come_all_at_once(conform):
    client = conform()
    client.send(b"".join(text(PLAIN) for _ in range(200)))
    replies = 0
    while replies < 200:
        replies += bytes(client.receive().data).count(b'"reply":1')
    assert replies == 200


@pytest.mark.parametrize(
    "sent, code",
    [(frame(FIN | BINARY, b"x"), 1003), (text(message(FRAME_MAX + 1)), 1009)],
)
def test_a_close_that_chatd_decides_on_says_why(conform, sent, code):
    client = conform()
    client.send(sent)
    ending, before = client.ending()
    event = json.loads(bytes(before[-1].data))
    assert (event["event"], event["code"], ending) == ("close", code, code)


def test_whoever_was_served_after_all_this(server):
    server.still_serves()
    person = server.person("survivor")
    person.settle()
    person.close()
