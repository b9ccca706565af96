"""Row 22: the last bit is off."""

from card_case import CARD, Case, challenge

case = Case(__file__)
good = CARD.sign(challenge())
case.signature(good[:-1] + bytes([good[-1] ^ 1]), "The last bit is off.")
