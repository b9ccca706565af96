"""Row 14: a phone has no grace."""

from card_case import Case, Crl, card

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2026-11-21T14:59:59Z")
case.certificate(changed, "Valid to the last second of the day in Japan.")
case.crl(Crl("2026-11-21T15:00:00Z"), "Nobody is revoked.")
