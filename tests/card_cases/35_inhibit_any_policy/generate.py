"""Row 35: inhibitAnyPolicy in a leaf."""

from card_case import Case, card, extension
from der import integer

case = Case(__file__)
changed = card()
changed.extensions["constraint"] = extension("2.5.29.54", integer(0))
case.certificate(changed, "InhibitAnyPolicy in a leaf.")
