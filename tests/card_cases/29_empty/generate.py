"""Row 29: no octet at all."""

from card_case import Case

case = Case(__file__)
case.write("certificate.der", b"")
