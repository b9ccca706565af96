"""Row 30: an octet behind the certificate."""

from card_case import Case, card

case = Case(__file__)
good = card().der()
case.certificate(good + b"\x00", "An octet behind the certificate.")
