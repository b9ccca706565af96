"""Row 17: revoked, reason affiliation changed."""

from card_case import Case, Crl, reason

case = Case(__file__)
case.crl(Crl().revoke(0x07A12345, "2026-11-01T00:00:00Z", reason(3)), "The card is revoked.")
