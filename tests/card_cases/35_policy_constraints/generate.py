"""Row 35: policy constraints in a leaf."""

from card_case import Case, card, extension
from der import implicit, sequence

case = Case(__file__)
changed = card()
changed.extensions["constraint"] = extension("2.5.29.36", sequence(implicit(0, b"\x00")))
case.certificate(changed, "Policy constraints in a leaf.")
