"""Row 19: a modulus of 3072 bits, not in the table of algorithms."""

from card_case import CARD, Case, card, rsa_spki

case = Case(__file__)
changed = card()
changed.spki = rsa_spki(CARD.n << 1024 | 1)
case.certificate(changed, "A modulus of 3072 bits, not in the table of algorithms.")
