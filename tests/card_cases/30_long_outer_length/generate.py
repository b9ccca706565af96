"""Row 30: the outermost length is not minimal."""

from card_case import Case, card
from der import with_long_length

case = Case(__file__)
good = card().der()
case.certificate(with_long_length(good), "The outermost length is not minimal.")
