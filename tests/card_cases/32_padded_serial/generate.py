"""Row 32: a serial with a needless zero octet."""

from card_case import Case, card
from der import INTEGER, tlv

case = Case(__file__)
changed = card()
changed.serial = tlv(INTEGER, b"\x00\x05")
case.certificate(changed, "A serial with a needless zero octet.")
