"""Row 40: a stranger's key behind the right key id."""

from card_case import STRANGER, Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.issuer_key = STRANGER
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
