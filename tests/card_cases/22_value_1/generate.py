"""Row 22: the number 1."""

from card_case import Case

case = Case(__file__)
case.signature((1).to_bytes(256, "big"), "The number 1.")
