"""Row 19: an exponent as long as the modulus."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n, CARD.n - 2)
case.certificate(changed, "An exponent as long as the modulus.")
