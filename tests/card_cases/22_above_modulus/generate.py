"""Row 22: congruent to the right one, but one modulus too large for its place."""

from card_case import CARD, Case, challenge

case = Case(__file__)
good = CARD.sign(challenge())
case.signature(
    (int.from_bytes(good, "big") + CARD.n).to_bytes(257, "big"),
    "Congruent to the right one, but one modulus too large for its place.",
)
