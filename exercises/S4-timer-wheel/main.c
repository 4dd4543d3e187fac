/* ./lab run S4-timer-wheel */
/*
 * Ten thousand connections with an idle limit, on your wheel, on a clock that is made up: a tick
 * is 100 ms, and an hour passes in a moment. Ten of them send something once a second.
 */
#include "container_of.h"
#include "wheel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CONNECTIONS = 10000, ACTIVE = 10, IDLE_TICKS = 600, SECOND = 10, HOUR = 36000 };

struct connection {
    struct wheel_timer idle;    /* its time limit */
    struct wheel_timer message; /* its next message */
};

static struct wheel *wheel;
static uint64_t closed;
static uint64_t restarts;

static void on_idle(struct wheel_timer *timer)
{
    struct connection *connection = container_of(timer, struct connection, idle);

    wheel_cancel(wheel, &connection->message);
    if (closed++ == 0 || closed == CONNECTIONS - ACTIVE || closed == CONNECTIONS) {
        printf("%6" PRIu64 " s: connection %" PRIu64 " is closed\n", wheel_now(wheel) / SECOND,
               closed);
    }
}

static void on_message(struct wheel_timer *timer)
{
    struct connection *connection = container_of(timer, struct connection, message);

    restarts++;
    wheel_add(wheel, &connection->idle, IDLE_TICKS);
    if (wheel_now(wheel) < HOUR) {
        wheel_add(wheel, &connection->message, SECOND);
    }
}

int main(void)
{
    struct connection *connections = calloc(CONNECTIONS, sizeof *connections);

    wheel = wheel_create();
    if (connections == NULL || wheel == NULL) {
        return 1;
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        connections[i].idle.ring = on_idle;
        connections[i].message.ring = on_message;
        wheel_add(wheel, &connections[i].idle, IDLE_TICKS + (uint64_t)i % SECOND);
        if (i < ACTIVE) {
            wheel_add(wheel, &connections[i].message, SECOND);
        }
    }
    wheel_advance(wheel, 2 * HOUR);
    printf("%6" PRIu64 " s: %" PRIu64 " closed, %" PRIu64 " times a limit was started again\n",
           wheel_now(wheel) / SECOND, closed, restarts);
    wheel_destroy(wheel);
    free(connections);
    return 0;
}
