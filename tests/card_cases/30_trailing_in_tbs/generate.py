"""Row 30: a NULL behind the extensions."""

from card_case import Case, card
from der import null

case = Case(__file__)
changed = card()
changed.after_extensions = null()
case.certificate(changed, "A NULL behind the extensions.")
