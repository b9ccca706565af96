"""Row 3: the authority key id says generation 2, generation 3 signed."""

from card_case import GENERATIONS, Case, authority_key_id, card

case = Case(__file__)
changed = card()
changed.extensions["authority_key_id"] = authority_key_id(GENERATIONS[1])
case.certificate(changed, "The authority key id names generation 2; the signature decides.")
