"""Row 40: a CRL under another name."""

from card_case import SIGNING_CA, Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.issuer = SIGNING_CA
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
