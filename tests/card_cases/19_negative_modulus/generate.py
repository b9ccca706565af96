"""Row 19: a negative modulus."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(-CARD.n)
case.certificate(changed, "A negative modulus.")
