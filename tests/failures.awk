# Reads ctest's LastTest.log and prints of every test that did not pass its first lines that tell why,
# eight at most: GoogleTest's failures, what scripts and the browser's tests say, or else its last lines.
function tell(   i) {
  print "failed: " name " (" seconds " s)"
  if (told == 0) for (i = (lines > 4 ? lines - 4 : 0); i < lines; ++i) print "  " last[i % 5]
  for (i = 0; i < told; ++i) print "  " why[i]
}
/^[0-9]+\/[0-9]+ Test: / { name = $3; told = lines = after = 0 }
/: Failure$|Error:|ERROR: |^FAILED |FAILED: |: FAILED|rror: / { after = 4 }
after > 0 && told < 8 { why[told++] = substr($0, 1, 300); --after }
/^<end of output>/ { inside = 0 }
inside && !/^-+$/ { last[lines++ % 5] = substr($0, 1, 300) }
/^Test time =/ { seconds = $4 }
/^Output:/ { inside = 1 }
/^Test Failed\.|^Test \*\*\*|^Test Timeout/ { tell() }
