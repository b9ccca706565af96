"""Row 22: a zero octet before it."""

from card_case import CARD, Case, challenge

case = Case(__file__)
good = CARD.sign(challenge())
case.signature(bytes(1) + good, "A zero octet before it.")
