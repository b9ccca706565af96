"""Row 22: without its last octet."""

from card_case import CARD, Case, challenge

case = Case(__file__)
good = CARD.sign(challenge())
case.signature(good[:-1], "Without its last octet.")
