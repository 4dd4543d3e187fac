/* ./lab run S3-reuseport */
/*
 * Four loops on four threads, each with a listening socket of its own. No acceptor hands anything
 * over: the kernel spreads the clients. First all loops are well; then one of them hangs.
 */
#include "acceptor.h"
#include "container_of.h"
#include "echo.h"
#include "epoll_dispatcher.h"
#include "listeners.h"
#include "thread_pool.h"

#include <netinet/in.h>
#include <semaphore.h>
#include <stdio.h>
#include <unistd.h>

enum { LOOPS = 4, CLIENTS = 200, PATIENCE_US = 300000 };

static int listeners[LOOPS];
static sem_t hanging;
static sem_t end_of_hang;

struct own_acceptor {
    struct acceptor acceptor;
    struct reactor *reactor;
};

/* On the loop's own thread, so the hand-over is a plain call. */
static void on_connection(struct acceptor *acceptor, int fd)
{
    reactor_hand_over(container_of(acceptor, struct own_acceptor, acceptor)->reactor, fd);
}

static void on_pause(struct acceptor *acceptor, int error)
{
    (void)acceptor;
    server_log_pause(error);
}

static int enter(struct reactor *reactor, void *context)
{
    static const struct acceptor_callbacks callbacks = {on_connection, on_pause};
    static struct own_acceptor acceptors[LOOPS];
    static size_t entered; /* the threads start one after the other */
    struct own_acceptor *own = &acceptors[entered];

    (void)context;
    own->reactor = reactor;
    reactor->hook_state = own;
    return acceptor_init(&own->acceptor, reactor->loop, listeners[entered++], &callbacks);
}

static void leave(struct reactor *reactor, void *context)
{
    struct own_acceptor *own = reactor->hook_state;

    (void)context;
    acceptor_finish(&own->acceptor);
}

static void hang(struct mailbox_task *task)
{
    (void)task;
    sem_post(&hanging);
    sem_wait(&end_of_hang);
}

/* Connects clients, which stay; returns how many of them get an answer. */
static int send_clients(const struct sockaddr_in *address)
{
    int clients[CLIENTS];
    int answered = 0;
    char byte = 'x';

    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(clients[i], (const struct sockaddr *)address, sizeof *address) == 0) {
            send(clients[i], &byte, 1, MSG_NOSIGNAL);
        }
    }
    usleep(PATIENCE_US);
    for (int i = 0; i < CLIENTS; i++) {
        answered += recv(clients[i], &byte, 1, MSG_DONTWAIT) == 1;
    }
    return answered;
}

static void show(struct thread_pool *pool, const char *when, int answered)
{
    printf("%s: %d of %d clients were answered\n", when, answered, CLIENTS);
    for (size_t i = 0; i < LOOPS; i++) {
        printf("  sub-reactor-%zu has %zu\n", i, loop_load_connections(thread_pool_load(pool, i)));
    }
}

static void on_failure(void *context, int error)
{
    (void)context;
    printf("a loop has failed: %d\n", error);
}

static void drive(struct thread_pool *pool, const struct sockaddr_in *address)
{
    struct mailbox_task task = {.run = hang, .drop = hang};

    show(pool, "all loops are well", send_clients(address));
    mailbox_queue_in_loop(thread_pool_reactor(pool, 0)->mailbox, &task);
    sem_wait(&hanging);
    show(pool, "sub-reactor-0 hangs", send_clients(address));
    sem_post(&end_of_hang);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct reactor unused = {0};
    const struct reactor_config reactor = {
        .dispatcher = &epoll_dispatcher,
        .wakeup = &eventfd_wakeup,
        .limits = CONNECTION_LIMITS_DEFAULT,
        .callbacks = &echo_callbacks,
        .hooks = {.enter = enter, .leave = leave},
    };
    const struct thread_pool_config config = {
        .thread_count = LOOPS,
        .reactor = &reactor,
        .on_failure = on_failure,
    };
    struct thread_pool *pool;

    log_set_level(LOG_ERROR);
    sem_init(&hanging, 0, 0);
    sem_init(&end_of_hang, 0, 0);
    if (listeners_open((struct sockaddr *)&address, length, LOOPS, listeners) < 0 ||
        getsockname(listeners[0], (struct sockaddr *)&address, &length) < 0 ||
        thread_pool_create(&config, &pool) < 0) {
        return 1;
    }
    if (thread_pool_start(pool, &unused) < 0) {
        return 1;
    }
    drive(pool, &address);
    thread_pool_stop(pool);
    thread_pool_destroy(pool);
    return 0;
}
