"""Row 37: UTCTime of the year 50, which is 1950."""

from card_case import Case, card
from der import UTC_TIME, tlv

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", tlv(UTC_TIME, "500101000000Z"))
case.certificate(changed, "UTCTime of the year 50, which is 1950.")
