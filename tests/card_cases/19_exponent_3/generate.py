"""Row 19: exponent 3."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n, 3)
case.certificate(changed, "Exponent 3.")
