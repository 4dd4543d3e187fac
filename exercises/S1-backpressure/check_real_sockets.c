/*
 * Two connections of one loop, on real sockets with small buffers. The loop runs until it would
 * have to wait; so nothing here waits, and nothing depends on time.
 */
#include "check_real_sockets.h"

#include "grader.h"
#include "patient_echo.h"
#include "poll_dispatcher.h"

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char BYTES[] = "what was received goes out once, in its order (contract, 1)";
static const char SMALL[] = "who does not read is not read from, and costs no more than high and "
                            "one recv (contract, 4 and 5)";
static const char APART[] = "connections know nothing of each other (contract, 12)";
static const char END[] = "after the peer's end, on_end(0) comes as soon as nothing waits "
                          "(contract, 8)";

enum { HIGH = 30000, LOW = 10000, LITTLE = 8192, MUCH = 1 << 20, MOST_TURNS = 1000000 };

static struct event_dispatcher dispatcher;
static struct event_loop *loop;
static unsigned turns;

static struct client {
    int fd;
    int server;
    struct patient_echo *echo;
    uint64_t sent;
    uint64_t received;
    unsigned interest;
    bool congested; /* more than HIGH waited, and not LOW since */
    bool finished;  /* the client has sent its end */
    int ends;       /* calls of on_end */
    int error;
} clients[2];

/* Returns how many bytes wait in the connection: the kernel knows where all others are. */
static size_t waiting(const struct client *client)
{
    int unread[2];

    ck_assert(ioctl(client->server, FIONREAD, &unread[0]) == 0);
    ck_assert(ioctl(client->fd, FIONREAD, &unread[1]) == 0);
    return (size_t)(client->sent - client->received) - (size_t)unread[0] - (size_t)unread[1];
}

/* When the loop waits: is the interest right? Between the marks only a stop is sure to go on. */
static void judge(struct client *client)
{
    size_t held = waiting(client);
    bool reads = (client->interest & EVENT_READ) != 0;

    if (client->ends > 0 || client->finished) {
        return;
    }
    bool stop = held > HIGH || (client->congested && held > LOW);
    grader_expect(stop ? !reads : reads || held > LOW, stop ? SMALL : APART,
                  "client %d: %zu bytes wait (high %d, low %d)%s: expected the interest %s "
                  "EVENT_READ",
                  (int)(client - clients) + 1, held, HIGH, LOW,
                  client->congested ? ", and were above high" : "", stop ? "without" : "with");
    client->congested = !reads;
}

static void note_interest(int fd, unsigned events)
{
    for (int i = 0; i < 2; i++) {
        if (clients[i].server == fd) {
            clients[i].interest = events;
        }
    }
}

static int add(void *state, int fd, unsigned events)
{
    note_interest(fd, events);
    return poll_dispatcher.add(state, fd, events);
}

static int update(void *state, int fd, unsigned events)
{
    note_interest(fd, events);
    return poll_dispatcher.update(state, fd, events);
}

static int wait_or_return(void *state, int timeout_ms, struct ready_event *ret, size_t capacity)
{
    for (int i = 0; i < 2 && timeout_ms < 0; i++) {
        judge(&clients[i]);
    }
    int count = poll_dispatcher.wait(state, 0, ret, capacity);
    grader_expect(++turns < MOST_TURNS, SMALL, "the loop turns without end");
    return count == 0 && timeout_ms < 0 ? -ECANCELED : count;
}

static void on_end(void *context, int error)
{
    struct client *client = context;

    client->ends++;
    client->error = error;
}

static void connect_client(struct client *client)
{
    const struct pressure_limits limits = {.high = HIGH, .low = LOW};
    int ends[2];
    int little = LITTLE;

    ck_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    *client = (struct client){.fd = ends[0], .server = ends[1]};
    for (int i = 0; i < 2; i++) {
        ck_assert(setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &little, sizeof little) == 0);
    }
    ck_assert(patient_echo_create(loop, client->server, &limits, on_end, client, &client->echo) ==
              0);
}

static void set_up(void)
{
    dispatcher = poll_dispatcher;
    dispatcher.wait = wait_or_return;
    dispatcher.add = add;
    dispatcher.update = update;
    turns = 0;
    ck_assert(event_loop_create(&dispatcher, &loop) == 0);
    connect_client(&clients[0]);
    connect_client(&clients[1]);
}

static void tear_down(void)
{
    for (int i = 0; i < 2; i++) {
        patient_echo_destroy(clients[i].echo);
        close(clients[i].fd);
        close(clients[i].server);
    }
    event_loop_destroy(loop);
}

/* Sends as much as goes, up to `most`, and lets the server do all that it can. */
static void send_some(struct client *client, size_t most)
{
    char bytes[4000];
    ssize_t n = 1;

    for (size_t left = most; n > 0 && left > 0; left -= (size_t)n) {
        size_t length = left < sizeof bytes ? left : sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            bytes[i] = (char)((client->sent + i) * 31 % 251);
        }
        n = send(client->fd, bytes, length, MSG_NOSIGNAL);
        if (n < 0) {
            return;
        }
        client->sent += (uint64_t)n;
        ck_assert(event_loop_run(loop) == -ECANCELED);
    }
}

/* Receives all that there is, and lets the server go on. */
static void receive_all(struct client *client)
{
    char bytes[4000];
    ssize_t n;

    while ((n = recv(client->fd, bytes, sizeof bytes, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            char right = (char)((client->received + (uint64_t)i) * 31 % 251);
            grader_expect(bytes[i] == right, BYTES, "byte %llu: expected 0x%02x, got 0x%02x",
                          (unsigned long long)client->received + (unsigned long long)i,
                          (unsigned char)right, (unsigned char)bytes[i]);
        }
        client->received += (uint64_t)n;
        ck_assert(event_loop_run(loop) == -ECANCELED);
    }
}

START_TEST(who_does_not_read_is_stopped_and_others_are_served)
{
    struct client *idle = &clients[0];
    struct client *busy = &clients[1];

    grader_step("client 1 sends until nobody takes more, and reads nothing");
    send_some(idle, MUCH);
    /* What the kernel holds is at most what is sent in small buffers; 400,000 is far above. */
    grader_expect(idle->sent < 400000, SMALL,
                  "high is %d: expected the client to be stopped, but %llu bytes were taken", HIGH,
                  (unsigned long long)idle->sent);
    grader_step("client 2 sends 1 MiB in pieces and reads the answers");
    while (busy->sent < MUCH) {
        send_some(busy, 4000);
        receive_all(busy);
    }
    grader_expect(busy->received == busy->sent, APART, "expected %llu bytes back, got %llu",
                  (unsigned long long)busy->sent, (unsigned long long)busy->received);
    grader_step("client 1 reads, sends on, and finishes");
    while (idle->sent < MUCH) {
        receive_all(idle);
        send_some(idle, 100000);
        send_some(busy, 4000);
        receive_all(busy);
    }
    idle->finished = true;
    ck_assert(shutdown(idle->fd, SHUT_WR) == 0);
    ck_assert(event_loop_run(loop) == -ECANCELED);
    receive_all(idle);
    grader_expect(idle->received == idle->sent, BYTES, "expected %llu bytes back, got %llu",
                  (unsigned long long)idle->sent, (unsigned long long)idle->received);
    grader_expect(idle->ends == 1 && idle->error == 0, END,
                  "expected one on_end(0), got %d, the last with %d", idle->ends, idle->error);
    grader_expect(busy->ends == 0, APART, "client 2: on_end(%d)", busy->error);
}
END_TEST

void add_real_socket_checks(void)
{
    grader_group("with real sockets", set_up, tear_down);
    grader_add(who_does_not_read_is_stopped_and_others_are_served);
}
