"""Row 36: a name of a hundred parts."""

from card_case import OU, Case, card, name

case = Case(__file__)
changed = card()
changed.subject = name(*((OU, f"part {number}") for number in range(100)))
case.certificate(changed, "A name of a hundred parts.")
