"""Row 15: superseded in its life, then expired: there is no grace."""

from card_case import Case, Crl, card, reason

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2026-11-21T14:59:59Z")
case.certificate(changed, "Expired at the end of 2026-11-21 in Japan.")
revoked = Crl("2026-11-21T15:00:00Z").revoke(0x07A12345, "2026-11-10T00:00:00Z", reason(4))
case.crl(revoked, "Revoked in its life.")
