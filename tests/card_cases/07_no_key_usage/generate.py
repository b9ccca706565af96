"""Row 7: no key usage."""

from card_case import Case, card

case = Case(__file__)
changed = card()
del changed.extensions["key_usage"]
case.certificate(changed, "No key usage.")
