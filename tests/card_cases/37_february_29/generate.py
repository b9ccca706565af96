"""Row 37: the 29th of February in a year without."""

from card_case import Case, card
from der import UTC_TIME, tlv

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", tlv(UTC_TIME, "300229145959Z"))
case.certificate(changed, "The 29th of February in a year without.")
