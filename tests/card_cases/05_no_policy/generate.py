"""Row 5: no policies at all."""

from card_case import Case, card

case = Case(__file__)
changed = card()
del changed.extensions["policies"]
case.certificate(changed, "No policies at all.")
