"""Row 9: the issuer is a CA of the attacker's own, which nobody pinned."""

from card_case import C, CN, STRANGER, Case, card, name

case = Case(__file__)
changed = card(issuer_key=STRANGER)
changed.issuer = name((C, "JP"), (CN, "CA on the card"))
case.certificate(changed, "Made by the CA that lies on the card.")
