"""Row 19: an even exponent."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n, 65536)
case.certificate(changed, "An even exponent.")
