"""Row 37: hour 24."""

from card_case import Case, card
from der import UTC_TIME, tlv

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", tlv(UTC_TIME, "300217240000Z"))
case.certificate(changed, "Hour 24.")
