"""Row 21: the CA signed with MD5."""

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.digest = "md5"
case.certificate(changed, "The CA signed with MD5.")
