/* fails-at: one_range_is_206 */
/*
 * S4-range: which bytes of a file a client asks for.
 *
 * exercises/S4-range/README.md has the whole contract; byte_range.h beside it has the struct.
 */
#include "byte_range.h"

void range_decide(const char *value, size_t length, uint64_t size, struct range_answer *ret)
{
    /*
     * TODO: "bytes=" and a list of ranges. To answer with all bytes is always allowed by HTTP, and
     * so this passes the first check; the contract asks for more.
     */
    (void)value;
    (void)length;
    (void)size;
    *ret = (struct range_answer){.status = 200};
}
