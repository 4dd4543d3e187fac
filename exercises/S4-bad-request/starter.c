/* fails-at: a_good_request_is_200 */
/*
 * S4-bad-request: what a small server says to what a client has sent so far.
 *
 * exercises/S4-bad-request/README.md has the whole contract; verdict.h beside it has the struct.
 */
#include "verdict.h"

struct verdict judge_head(const char *bytes, size_t length)
{
    /*
     * TODO: go from line to line. What makes it uncertain where the head ends closes the
     * connection; what was understood and is merely not wanted does not.
     */
    (void)bytes;
    return (struct verdict){.status = 0, .used = 0, .close = length > HEAD_MOST};
}
