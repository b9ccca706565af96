"""Row 3: the authority key id says generation 3, generation 2 signed."""

from card_case import GENERATIONS, Case, Crl, authority_key_id, card

case = Case(__file__)
changed = card(issuer_key=GENERATIONS[1])
changed.extensions["authority_key_id"] = authority_key_id(GENERATIONS[2])
case.certificate(changed, "The authority key id names generation 3; the signature decides.")
case.crl(Crl(key=GENERATIONS[1]), "Nobody of generation 2 is revoked.")
