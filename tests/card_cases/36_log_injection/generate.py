"""Row 36: characters that would forge a line of a log; names are never logged."""

from card_case import C, CN, Case, card, name

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, "A\r\n2026-11-21 ACCEPTED\x1b[2J"))
case.certificate(changed, "Characters that would forge a line of a log; names are never logged.")
