#include "dispatchers.h"

#include "epoll_dispatcher.h"
#include "poll_dispatcher.h"
#include "select_dispatcher.h"

static int add(struct named_choices *choices, const struct event_dispatcher *dispatcher)
{
    return named_choices_add(choices, dispatcher->name, dispatcher);
}

int dispatchers_list(const struct server_extensions *extensions, struct named_choices *ret_choices)
{
    const struct event_dispatcher *const none[] = {NULL};
    const struct event_dispatcher *const *more =
        extensions != NULL && extensions->dispatchers != NULL ? extensions->dispatchers : none;

    *ret_choices = (struct named_choices){0};
    int result = add(ret_choices, &epoll_dispatcher);
    if (result == 0) {
        result = add(ret_choices, &poll_dispatcher);
    }
    if (result == 0) {
        result = add(ret_choices, &select_dispatcher);
    }
    for (; result == 0 && *more != NULL; more++) {
        result = add(ret_choices, *more);
    }
    return result;
}
