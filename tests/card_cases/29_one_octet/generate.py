"""Row 29: one octet."""

from card_case import Case

case = Case(__file__)
case.write("certificate.der", b"\x30")
