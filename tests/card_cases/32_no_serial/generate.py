"""Row 32: a serial without octets."""

from card_case import Case, card
from der import INTEGER, tlv

case = Case(__file__)
changed = card()
changed.serial = tlv(INTEGER)
case.certificate(changed, "A serial without octets.")
