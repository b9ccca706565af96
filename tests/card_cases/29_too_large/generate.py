"""Row 29: 8,193 octets."""

from card_case import UNKNOWN, Case, card, extension
from der import octet_string

case = Case(__file__)
changed = card()
changed.extensions["padding"] = extension(UNKNOWN, octet_string(bytes(7000)))
rest = 8193 - len(changed.der())
changed.extensions["padding"] = extension(UNKNOWN, octet_string(bytes(7000 + rest)))
case.certificate(changed, "Grown to 8,193 octets by an unknown extension.")
