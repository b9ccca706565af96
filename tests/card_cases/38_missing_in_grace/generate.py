"""Row 38: no CRL for an expired card."""

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2026-11-20T14:59:59Z")
case.certificate(changed, "In grace since yesterday.")
