"""Row 22: no octet at all."""

from card_case import Case

case = Case(__file__)
case.signature(b"", "No octet at all.")
