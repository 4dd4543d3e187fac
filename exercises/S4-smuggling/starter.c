/* fails-at: a_length_is_a_number */
/*
 * S4-smuggling: where the body of a message ends, as its fields tell it.
 *
 * exercises/S4-smuggling/README.md has the whole contract; framing.h beside it has the structs.
 */
#include "framing.h"

struct framing framing_of(const struct message *message)
{
    /*
     * TODO: look at all lines first, then decide. A message without any field is decided here
     * already.
     */
    if (message->status != 0 && !message->answers_head) {
        return (struct framing){FRAMING_UNTIL_CLOSE, 0};
    }
    return (struct framing){FRAMING_NONE, 0};
}
