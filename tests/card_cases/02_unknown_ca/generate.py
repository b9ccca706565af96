"""Row 2: made by a CA that is not one of ours."""

from card_case import C, O, STRANGER, Case, card, name

case = Case(__file__)
changed = card(issuer_key=STRANGER)
changed.issuer = name((C, "JP"), (O, "Somebody else"))
case.certificate(changed, "Made by a CA that is not one of ours.")
