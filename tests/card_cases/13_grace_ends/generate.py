"""Row 13: a card of November ends its grace with February in Japan."""

from card_case import Case, Crl, card

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2025-11-30T14:59:59Z")
case.certificate(changed, "It is in grace, or just out of it.")
case.crl(Crl("2026-02-28T15:00:00Z"), "Nobody is revoked.")
