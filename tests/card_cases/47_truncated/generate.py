"""Row 47: a download that broke off."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
octets = Crl(number=8).der()
case.write("crls/2/home.crl", octets[: len(octets) // 2])
