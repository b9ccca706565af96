"""Row 30: an INTEGER with a needless octet, in the key."""

from card_case import CARD, Case, card
from der import INTEGER, bit_string, integer, null, oid, sequence, tlv

case = Case(__file__)
changed = card()
numbers = sequence(integer(CARD.n), tlv(INTEGER, b"\x00\x01\x00\x01"))
changed.spki = sequence(
    sequence(oid("1.2.840.113549.1.1.1"), null()), bit_string(numbers)
)
case.certificate(changed, "An INTEGER with a needless octet, in the key.")
