"""Row 30: the outermost length is indefinite."""

from card_case import Case, card
from der import with_indefinite_length

case = Case(__file__)
good = card().der()
case.certificate(with_indefinite_length(good), "The outermost length is indefinite.")
