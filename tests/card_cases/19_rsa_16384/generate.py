"""Row 19: a modulus of 16384 bits, refused before any arithmetic."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n << 14336 | 1)
case.certificate(changed, "A modulus of 16384 bits, refused before any arithmetic.")
