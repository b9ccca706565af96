"""Row 22: all octets zero."""

from card_case import Case

case = Case(__file__)
case.signature(bytes(256), "All octets zero.")
