"""Row 46: a CRL without entries where ten were held is taken, and a person must look."""

from card_case import Case, Crl

case = Case(__file__)
first, second = Crl("2026-11-20T20:00:00Z"), Crl(number=8)
for serial in range(1, 11):
    first.revoke(serial)
case.crl(first, "Ten are revoked.", "crls/1/home.crl")
case.crl(second, "None of them are left.", "crls/2/home.crl")
