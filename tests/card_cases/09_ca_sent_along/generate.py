"""Row 9: the attacker's CA certificate is sent along behind the leaf."""

from card_case import C, CN, STRANGER, Case, card, name, root

case = Case(__file__)
ca = name((C, "JP"), (CN, "CA on the card"))
changed = card(issuer_key=STRANGER)
changed.issuer = ca
both = changed.der() + root(STRANGER, subject=ca).der()
case.certificate(both, "The leaf, then the CA that made it.")
