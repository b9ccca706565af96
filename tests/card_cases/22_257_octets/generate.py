"""Row 22: one octet too many at its end."""

from card_case import CARD, Case, challenge

case = Case(__file__)
good = CARD.sign(challenge())
case.signature(good + bytes(1), "One octet too many at its end.")
