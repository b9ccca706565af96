"""Row 39: who stands in a stale CRL is revoked all the same."""

from card_case import Case, Crl

case = Case(__file__)
crl = Crl("2026-11-01T03:00:00Z").revoke()
case.crl(crl, "Three weeks old; the card is revoked.")
