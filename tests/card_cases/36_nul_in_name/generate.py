"""Row 36: a NUL in the name."""

from card_case import C, CN, Case, card, name

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, "bank.example\0.attacker.example"))
case.certificate(changed, "A NUL in the name.")
