"""Row 37: GeneralizedTime with a fraction."""

from card_case import Case, card
from der import GENERALIZED_TIME, tlv

case = Case(__file__)
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", tlv(GENERALIZED_TIME, "20500217145959.5Z"))
case.certificate(changed, "GeneralizedTime with a fraction.")
