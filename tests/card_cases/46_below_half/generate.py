"""Row 46: four of ten entries left."""

from card_case import Case, Crl

case = Case(__file__)
first, second = Crl("2026-11-20T20:00:00Z"), Crl(number=8)
for serial in range(1, 11):
    first.revoke(serial)
for serial in range(1, 5):
    second.revoke(serial)
case.crl(first, "Ten are revoked.", "crls/1/home.crl")
case.crl(second, "4 of them are left.", "crls/2/home.crl")
