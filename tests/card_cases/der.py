"""DER as X.509 writes it, and ways to break it."""

import datetime

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL = 0x01, 0x02, 0x03, 0x04, 0x05
OID, ENUMERATED, UTF8, PRINTABLE = 0x06, 0x0A, 0x0C, 0x13
UTC_TIME, GENERALIZED_TIME, BMP, UNIVERSAL = 0x17, 0x18, 0x1E, 0x1C
SEQUENCE, SET = 0x30, 0x31


def length(size):
    """The shortest encoding of a length."""
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag, *parts):
    """One element; text counts as UTF-8."""
    content = b"".join(p.encode() if isinstance(p, str) else p for p in parts)
    return bytes([tag]) + length(len(content)) + content


def sequence(*parts):
    return tlv(SEQUENCE, *parts)


def set_of(*parts):
    return tlv(SET, *sorted(parts))


def explicit(number, *parts):
    """[number], constructed: an EXPLICIT tag, or an IMPLICIT one of a SEQUENCE's content."""
    return tlv(0xA0 | number, *parts)


def implicit(number, *parts):
    """[number], primitive."""
    return tlv(0x80 | number, *parts)


def integer(value):
    size = (value if value >= 0 else ~value).bit_length() // 8 + 1
    return tlv(INTEGER, value.to_bytes(size, "big", signed=True))


def boolean(value=True):
    return tlv(BOOLEAN, b"\xff" if value else b"\x00")


def bit_string(octets, spare=0):
    return tlv(BIT_STRING, bytes([spare]), octets)


def octet_string(octets):
    return tlv(OCTET_STRING, octets)


def null():
    return tlv(NULL)


def oid(dotted):
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    octets = b""
    for arc in (first * 40 + second, *rest):
        chunk = [arc & 0x7F]
        while arc := arc >> 7:
            chunk.insert(0, 0x80 | arc & 0x7F)
        octets += bytes(chunk)
    return tlv(OID, octets)


def time(instant):
    """An RFC 3339 instant as X.509 writes it: UTCTime until 2049, GeneralizedTime from 2050."""
    text = at(instant).strftime("%Y%m%d%H%M%SZ")
    return tlv(UTC_TIME, text[2:]) if text < "2050" else tlv(GENERALIZED_TIME, text)


def at(instant):
    return datetime.datetime.strptime(instant, "%Y-%m-%dT%H:%M:%SZ")


def later(instant, **delta):
    """`instant` moved by what datetime.timedelta takes, such as hours=-2."""
    return (at(instant) + datetime.timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---------------------------------------------------------------- ways to break DER


def with_long_length(element):
    """The same element with its length written one octet longer than need be."""
    head = 1 if element[1] < 0x80 else 1 + (element[1] & 0x7F)
    octets = element[1 : 1 + head] if head == 1 else element[2 : 1 + head]
    return bytes([element[0], 0x80 | len(octets) + 1, 0]) + octets + element[1 + head :]


def content_of(element):
    head = 2 if element[1] < 0x80 else 2 + (element[1] & 0x7F)
    return element[head:]


def with_indefinite_length(element):
    return element[:1] + b"\x80" + content_of(element) + b"\x00\x00"


def as_constructed(string):
    """A string in one constructed piece, as BER allows."""
    return tlv(string[0] | 0x20, string)
