"""Row 33: version 2 with extensions."""

from card_case import Case, card
from der import explicit, integer

case = Case(__file__)
changed = card()
changed.version = explicit(0, integer(1))
case.certificate(changed, "Version 2 with extensions.")
