"""Row 13: notAfter is still November in UTC and already December in Japan."""

from card_case import Case, Crl, card

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2026-11-30T15:00:00Z")
case.certificate(changed, "It is in grace, or just out of it.")
case.crl(Crl("2027-03-31T15:00:00Z"), "Nobody is revoked.")
