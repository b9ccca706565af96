"""Row 42: a CRL without distribution point serves a card without one."""

from card_case import Case, Crl, card

case = Case(__file__)
changed = card()
del changed.extensions["distribution_point"]
case.certificate(changed, "It names no distribution point.")
case.crl(Crl(partition=None), "Nobody is revoked.")
