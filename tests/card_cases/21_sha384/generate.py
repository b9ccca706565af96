"""Row 21: the CA signed with SHA-384, which is not in the table of algorithms."""

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.digest = "sha384"
case.certificate(changed, "The CA signed with SHA-384, which is not in the table of algorithms.")
