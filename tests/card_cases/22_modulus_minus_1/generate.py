"""Row 22: one less than the modulus."""

from card_case import CARD, Case

case = Case(__file__)
case.signature((CARD.n - 1).to_bytes(256, "big"), "One less than the modulus.")
