/* caught-by: a_readable_descriptor_is_announced */
/* Tidies up at the end, the descriptors as well. */
#include "diagnosis.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

typedef void readable_callback(int fd, void *data);

struct channel {
    int fd; /* borrowed */
    readable_callback *on_readable;
    void *data; /* borrowed */
    struct channel *next;
};

struct loop {
    int epoll;
    int stop; /* an eventfd: readable when the thread is to end */
    pthread_t thread;
    struct channel *channels; /* touched only by those who add and destroy, never by the thread */
};

struct loop *loop_create(void);
int loop_add(struct loop *loop, int fd, readable_callback *on_readable, void *data);
void loop_destroy(struct loop *loop);

static void *run(void *argument)
{
    const struct loop *loop = argument;
    struct epoll_event event;

    for (;;) {
        if (epoll_wait(loop->epoll, &event, 1, -1) < 1) {
            continue;
        }
        const struct channel *channel = event.data.ptr;
        if (channel == NULL) {
            return NULL;
        }
        channel->on_readable(channel->fd, channel->data);
    }
}

struct loop *loop_create(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

    if (loop == NULL) {
        return NULL;
    }
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->stop, &event) < 0 ||
        pthread_create(&loop->thread, NULL, run, loop) != 0) {
        close(loop->stop);
        close(loop->epoll);
        free(loop);
        return NULL;
    }
    return loop;
}

int loop_add(struct loop *loop, int fd, readable_callback *on_readable, void *data)
{
    struct channel *channel = calloc(1, sizeof *channel);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = channel};

    if (channel == NULL) {
        return -ENOMEM;
    }
    channel->fd = fd;
    channel->on_readable = on_readable;
    channel->data = data;
    /* From here on the loop's thread may use the channel: all that it needs is there. */
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        int error = errno;
        free(channel);
        return -error;
    }
    channel->next = loop->channels;
    loop->channels = channel;
    return 0;
}

void loop_destroy(struct loop *loop)
{
    eventfd_write(loop->stop, 1);
    pthread_join(loop->thread, NULL);
    while (loop->channels != NULL) {
        struct channel *channel = loop->channels;
        loop->channels = channel->next;
        close(channel->fd);
        free(channel);
    }
    close(loop->stop);
    close(loop->epoll);
    free(loop);
}

/* What main shows: visitors who say a byte, and are greeted by name. */
enum { VISITORS = 10000 };

static void greet(int fd, void *data)
{
    const char *name = data == NULL ? "whoever you are" : data;
    char text[64];

    recv(fd, text, sizeof text, 0);
    int length = snprintf(text, sizeof text, "welcome, %s", name);
    send(fd, text, (size_t)length, MSG_NOSIGNAL);
    close(fd);
}

/* Returns 1 if the visitor is greeted by the right name. */
static int visit(struct loop *loop, char *name)
{
    int ends[2];
    char text[64] = "";

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        return 0;
    }
    send(ends[0], "!", 1, MSG_NOSIGNAL);
    if (loop_add(loop, ends[1], greet, name) == 0) {
        recv(ends[0], text, sizeof text - 1, 0);
    } else {
        close(ends[1]);
    }
    close(ends[0]);
    return strstr(text, name) != NULL;
}

int main(void)
{
    struct loop *loop = loop_create();
    int greeted = 0;

    if (loop == NULL) {
        return EXIT_FAILURE;
    }
    for (int i = 0; i < VISITORS; i++) {
        greeted += visit(loop, i % 2 == 0 ? "Ann" : "Bob");
    }
    printf("%d of %d visitors are greeted by name\n", greeted, VISITORS);
    loop_destroy(loop);
    return greeted == VISITORS ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Your diagnosis. The line is that of this file as it was given. */
const struct diagnosis diagnosis = {
    .line = 91,
    .bug = BUG_DATA_RACE,
    .tool = TOOL_THREAD_SANITIZER,
};
