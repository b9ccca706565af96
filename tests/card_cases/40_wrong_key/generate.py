"""Row 40: the right name, a stranger's key."""

from card_case import STRANGER, Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(key=STRANGER, number=8)
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
