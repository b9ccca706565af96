"""Row 42: a CRL without distribution point beside partitions."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(partition=None, number=8)
case.crl(crl, "It would lift the revocation.", "crls/2/full.crl")
