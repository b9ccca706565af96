"""Row 19: a modulus of 2047 bits."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n >> 1 | 1)
case.certificate(changed, "A modulus of 2047 bits.")
