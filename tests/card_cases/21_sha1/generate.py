"""Row 21: the CA signed with SHA-1."""

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.digest = "sha1"
case.certificate(changed, "The CA signed with SHA-1.")
