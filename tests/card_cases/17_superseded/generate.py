"""Row 17: revoked, reason superseded."""

from card_case import Case, Crl, reason

case = Case(__file__)
case.crl(Crl().revoke(0x07A12345, "2026-11-01T00:00:00Z", reason(4)), "The card is revoked.")
