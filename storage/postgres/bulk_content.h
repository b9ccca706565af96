#pragma once

namespace kakunin {

// kDropSomeBulkContent removes a few pieces of what a list ($1, its id) needs no more, some 30 kB
// each, and tells how many: rows and chunks once it has ended, results once it is deleted. A list
// goes in many such steps, so that no desk's commit waits behind a large one.
inline constexpr char kDropSomeBulkContent[] =
    "WITH list AS (SELECT state FROM kakunin.bulk_inquiry WHERE bulk_id = $1::uuid),"
    " rows_gone AS (DELETE FROM kakunin.bulk_rows WHERE ctid = ANY (ARRAY(SELECT r.ctid"
    "  FROM kakunin.bulk_rows r WHERE r.bulk_id = $1::uuid"
    "  AND EXISTS (SELECT FROM list WHERE state > 2) LIMIT 8)) RETURNING 1),"
    " chunks_gone AS (DELETE FROM kakunin.bulk_chunk WHERE ctid = ANY (ARRAY(SELECT c.ctid"
    "  FROM kakunin.bulk_chunk c WHERE c.bulk_id = $1::uuid"
    "  AND EXISTS (SELECT FROM list WHERE state > 2) LIMIT 64)) RETURNING 1),"
    " results_gone AS (DELETE FROM kakunin.bulk_results WHERE ctid = ANY (ARRAY(SELECT s.ctid"
    "  FROM kakunin.bulk_results s WHERE s.bulk_id = $1::uuid"
    "  AND EXISTS (SELECT FROM list WHERE state = 6) LIMIT 8)) RETURNING 1)"
    " SELECT (SELECT count(*) FROM rows_gone) + (SELECT count(*) FROM chunks_gone)"
    "  + (SELECT count(*) FROM results_gone)";

}  // namespace kakunin
