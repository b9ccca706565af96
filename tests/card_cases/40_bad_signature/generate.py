"""Row 40: one bit of the signature is off."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
octets = Crl(number=8).der()
bad = octets[:-1] + bytes([octets[-1] ^ 1])
case.crl(bad, "It would lift the revocation.", "crls/2/home.crl")
