#include "crowd.h"

#include "client.h"
#include "integration.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

void crowd_connect(struct crowd *crowd, const struct server_process *server, size_t size)
{
    ck_assert_uint_le(size, CROWD_MAX);
    *crowd = (struct crowd){.size = size};
    for (size_t i = 0; i < size; i++) {
        crowd->fds[i] = client_connect(server);
        /* It fails where the server has closed the connection by now; that shows when reading. */
        send(crowd->fds[i], "x", 1, MSG_NOSIGNAL);
    }
}

size_t crowd_count(const struct crowd *crowd, enum crowd_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < crowd->size; i++) {
        count += crowd->states[i] == state;
    }
    return count;
}

static void look_at(struct crowd *crowd, size_t i)
{
    char byte;
    ssize_t n = recv(crowd->fds[i], &byte, 1, MSG_DONTWAIT);

    if (n == 1) {
        ck_assert_int_eq(byte, 'x');
        crowd->states[i] = CROWD_SERVED;
    } else if (n == 0 || errno == ECONNRESET) {
        crowd->states[i] = CROWD_REFUSED;
        client_reset(crowd->fds[i]);
    } else {
        ck_assert_msg(errno == EAGAIN, "client %zu: %s", i, strerror(errno));
    }
}

void crowd_await(struct crowd *crowd, enum crowd_state state, size_t count)
{
    static const char *const names[] = {"waiting", "served", "refused", "gone"};
    static struct pollfd polled[CROWD_MAX];
    size_t now;

    while ((now = crowd_count(crowd, state)) < count) {
        ck_assert_msg(crowd_count(crowd, CROWD_WAITING) > 0,
                      "only %zu clients are %s, not %zu, and none is left to become so", now,
                      names[state], count);
        for (size_t i = 0; i < crowd->size; i++) {
            bool waiting = crowd->states[i] == CROWD_WAITING;
            polled[i] = (struct pollfd){.fd = waiting ? crowd->fds[i] : -1, .events = POLLIN};
        }
        ck_assert_msg(poll(polled, crowd->size, patience_ms()) > 0,
                      "%zu clients are %s, not %zu, and nothing more happens", now, names[state],
                      count);
        for (size_t i = 0; i < crowd->size; i++) {
            if (polled[i].revents != 0) {
                look_at(crowd, i);
            }
        }
    }
    ck_assert_msg(now == count, "%zu clients are %s, not %zu", now, names[state], count);
}

void crowd_round_trip(const struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->size; i++) {
        if (crowd->states[i] == CROWD_SERVED) {
            client_round_trip(crowd->fds[i]);
        }
    }
}

static void leave(struct crowd *crowd, size_t i)
{
    crowd->states[i] = CROWD_GONE;
    client_reset(crowd->fds[i]);
}

void crowd_leave(struct crowd *crowd, size_t count)
{
    for (size_t i = 0; i < crowd->size && count > 0; i++) {
        if (crowd->states[i] == CROWD_SERVED) {
            leave(crowd, i);
            count--;
        }
    }
}

void crowd_disperse(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->size; i++) {
        if (crowd->states[i] == CROWD_SERVED || crowd->states[i] == CROWD_WAITING) {
            leave(crowd, i);
        }
    }
}
