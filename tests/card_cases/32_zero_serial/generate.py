"""Row 32: the serial zero."""

from card_case import Case, card
from der import integer

case = Case(__file__)
changed = card()
changed.serial = integer(0)
case.certificate(changed, "The serial zero.")
