"""Row 43: the next number is taken."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
case.crl(crl, "Taken: its number is higher.", "crls/2/home.crl")
