"""Row 32: a negative serial."""

from card_case import Case, card
from der import integer

case = Case(__file__)
changed = card()
changed.serial = integer(-5)
case.certificate(changed, "A negative serial.")
