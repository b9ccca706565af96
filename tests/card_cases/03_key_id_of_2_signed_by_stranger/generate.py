"""Row 3: the authority key id is right, but no pinned key verifies."""

from card_case import GENERATIONS, STRANGER, Case, authority_key_id, card

case = Case(__file__)
changed = card(issuer_key=STRANGER)
changed.extensions["authority_key_id"] = authority_key_id(GENERATIONS[1])
case.certificate(changed, "The authority key id names generation 2, a stranger signed.")
