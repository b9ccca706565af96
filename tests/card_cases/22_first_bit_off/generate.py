"""Row 22: the first bit is off."""

from card_case import CARD, Case, challenge

case = Case(__file__)
good = CARD.sign(challenge())
case.signature(bytes([good[0] ^ 0x80]) + good[1:], "The first bit is off.")
