"""Row 22: the modulus itself."""

from card_case import CARD, Case

case = Case(__file__)
case.signature(CARD.n.to_bytes(256, "big"), "The modulus itself.")
