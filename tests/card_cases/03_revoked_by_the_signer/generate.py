"""Row 3: the generation that signed revoked it, not the one the key id names."""

from card_case import GENERATIONS, Case, Crl, authority_key_id, card

case = Case(__file__)
changed = card()
changed.extensions["authority_key_id"] = authority_key_id(GENERATIONS[1])
case.certificate(changed, "The authority key id names generation 2, generation 3 signed.")
case.crl(Crl().revoke(), "Generation 3 revoked the card.")
case.crl(Crl(key=GENERATIONS[1]), "Generation 2 did not.", "crls/other.crl")
