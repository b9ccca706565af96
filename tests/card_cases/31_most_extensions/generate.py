"""Row 31: 32 extensions, the most that are read."""

from card_case import Case, card, extension

case = Case(__file__)
changed = card()
for number in range(28):
    changed.extensions[number] = extension(f"1.3.{number}", b"")
case.certificate(changed, "32 extensions, the most that are read.")
