"""Row 43: the same number with other content."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=7)
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
