"""Row 30: the serial's length is not minimal."""

from card_case import Case, card
from der import with_long_length

case = Case(__file__)
changed = card()
changed.serial = with_long_length(changed.serial)
case.certificate(changed, "The serial's length is not minimal.")
