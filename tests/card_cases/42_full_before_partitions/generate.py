"""Row 42: a CRL without distribution point comes first: no card of a partition passes."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl(partition=None), "Nobody is revoked.", "crls/a_full.crl")
case.crl(Crl(), "Nobody of the home municipality is revoked.")
