"""Row 19: an even modulus."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n - 1)
case.certificate(changed, "An even modulus.")
