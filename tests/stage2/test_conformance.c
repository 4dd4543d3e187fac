#include "batch_rules.h"
#include "dispatcher_conformance.h"
#include "epoll_dispatcher.h"
#include "poll_dispatcher.h"
#include "select_dispatcher.h"
#include "suite_runner.h"

int main(void)
{
    static const struct event_dispatcher *const dispatchers[] = {
        &poll_dispatcher,
        &select_dispatcher,
        &epoll_dispatcher,
    };
    enum { COUNT = sizeof dispatchers / sizeof *dispatchers };
    Suite *suite = suite_create("conformance");

    dispatcher_conformance_add(suite, dispatchers, COUNT);
    batch_rules_add(suite, dispatchers, COUNT);
    return run_suite(suite);
}
