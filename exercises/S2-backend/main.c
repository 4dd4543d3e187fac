/* ./lab run S2-backend --dispatcher=ppoll */
/* The stage 2 server with your dispatcher; SIGUSR1 makes it tell how often it has waited. */
#include "event_dispatcher.h"
#include "server_extensions.h"
#include "stage2.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>

extern const struct event_dispatcher ppoll_dispatcher;

static unsigned long waits;
static unsigned long events;

static int counting_wait(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    waits++;
    int count = ppoll_dispatcher.wait(state, timeout_ms, ret, capacity);
    if (count > 0) {
        events += (unsigned long)count;
    }
    return count;
}

/*
 * In most programs a handler must not print, nor read what others write: it may interrupt anything.
 * This one runs inside ppoll and nowhere else, so the rest of the program is at rest.
 */
static void tell(int number)
{
    (void)number;
    fprintf(stderr, "%lu waits, %lu events\n", waits, events);
}

int main(int argc, char **argv)
{
    struct event_dispatcher counting = ppoll_dispatcher;
    const struct event_dispatcher *const dispatchers[] = {&counting, NULL};
    struct sigaction action = {.sa_handler = tell};
    sigset_t usr1;

    counting.wait = counting_wait;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL);
    sigaction(SIGUSR1, &action, NULL);
    return stage2_main(argc, argv, &(struct server_extensions){.dispatchers = dispatchers});
}
