"""Row 6: a chain of JPKI-TEST while the production roots are pinned."""

from card_case import AGENCY, C, O, OU, STRANGER, Case, card, name, policies

case = Case(__file__)
changed = card(issuer_key=STRANGER)
changed.issuer = name(
    (C, "JP"), (O, "JPKI-TEST"), (OU, "JPKI for user authentication"), (OU, AGENCY)
)
changed.extensions["policies"] = policies("1.2.392.200149.8.5.1.0.30")
case.certificate(changed, "Of the test hierarchy.")
