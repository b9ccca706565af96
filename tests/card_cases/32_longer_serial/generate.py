"""Row 32: a serial of 21 octets."""

from card_case import Case, card
from der import INTEGER, tlv

case = Case(__file__)
changed = card()
changed.serial = tlv(INTEGER, b"\x7f" * 21)
case.certificate(changed, "A serial of 21 octets.")
