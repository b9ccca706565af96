"""Row 33: an unknown critical extension."""

from card_case import UNKNOWN, Case, card, extension
from der import null

case = Case(__file__)
changed = card()
changed.extensions["unknown"] = extension(UNKNOWN, null(), critical=True)
case.certificate(changed, "An unknown critical extension.")
