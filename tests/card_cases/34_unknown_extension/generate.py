"""Row 34: an unknown extension that is not critical."""

from card_case import UNKNOWN, Case, card, extension
from der import null

case = Case(__file__)
changed = card()
changed.extensions["unknown"] = extension(UNKNOWN, null())
case.certificate(changed, "An unknown extension that is not critical.")
