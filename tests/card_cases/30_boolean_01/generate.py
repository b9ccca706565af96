"""Row 30: a critical flag of 01 instead of FF."""

from card_case import Case, card
from der import BOOLEAN, bit_string, octet_string, oid, sequence, tlv

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = sequence(
    oid("2.5.29.15"), tlv(BOOLEAN, b"\x01"), octet_string(bit_string(b"\x80", 7))
)
case.certificate(changed, "A critical flag of 01 instead of FF.")
