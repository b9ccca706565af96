"""Row 22: the modulus plus 1."""

from card_case import CARD, Case

case = Case(__file__)
case.signature((CARD.n + 1).to_bytes(256, "big"), "The modulus plus 1.")
