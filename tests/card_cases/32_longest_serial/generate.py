"""Row 32: a serial of 20 octets."""

from card_case import Case, card
from der import INTEGER, tlv

case = Case(__file__)
changed = card()
changed.serial = tlv(INTEGER, b"\x7f" * 20)
case.certificate(changed, "A serial of 20 octets.")
