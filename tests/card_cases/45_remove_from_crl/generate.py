"""Row 45: an entry to be removed from the CRL."""

from card_case import Case, Crl, reason

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.revoke(1, "2026-11-01T00:00:00Z", reason(8))
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
