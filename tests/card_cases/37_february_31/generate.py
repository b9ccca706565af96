"""Row 37: the 31st of February."""

from card_case import Case, card
from der import UTC_TIME, tlv

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", tlv(UTC_TIME, "300231145959Z"))
case.certificate(changed, "The 31st of February.")
