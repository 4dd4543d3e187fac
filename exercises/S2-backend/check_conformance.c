/* linked-with: tests/stage2/dispatcher_conformance.c tests/stage2/conformance_fixture.c */
/* linked-with: tests/stage2/conformance_many.c tests/stage2/conformance_waiting.c */
/* linked-with: tests/support/sockets.c */
/*
 * The suite that the dispatchers of the stages have to pass, as checks of this grader.
 */
#include "check_conformance.h"

#include "conformance_fixture.h"
#include "dispatcher_conformance.h"
#include "grader.h"

extern const struct event_dispatcher ppoll_dispatcher;

static const struct event_dispatcher *const dispatchers[] = {&ppoll_dispatcher};

/* In the place of the function that puts the cases into a suite of Check. */
void conformance_add_case(Suite *suite, const char *name, const TTest *const *tests, int count)
{
    (void)suite;
    grader_group(name, NULL, NULL);
    for (; *tests != NULL; tests++) {
        grader_add_loop(*tests, 0, count);
    }
}

void add_conformance_checks(void)
{
    dispatcher_conformance_add(NULL, dispatchers, 1);
}
