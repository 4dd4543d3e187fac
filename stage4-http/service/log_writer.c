#include "log_writer.h"

#include "background_thread.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HALF_SIZE = 2 * 1024 * 1024,
    CLOSING_MS = 1000,   /* how long destroy waits for a pipe */
    POLL_SLICE_MS = 100, /* how soon a writer that waits for a pipe learns of destroy */
};

struct access_log {
    pthread_t thread;
    _Atomic uint64_t dropped;
    _Atomic int64_t give_up_at; /* ms; from then on no pipe is written to */

    /* The writer's thread only: */
    int fd;
    bool is_regular; /* a write ends, unlike that to a pipe, a socket or a terminal */
    bool is_torn;    /* the last byte written was not the end of a line */

    pthread_mutex_t mutex;
    pthread_cond_t work; /* lines, a wish to reopen, or the end */
    /* Guarded by the mutex: */
    char *queue; /* one of the halves */
    size_t queued;
    bool reopen_wanted;
    size_t reopen_at; /* what stands before it in the queue belongs to the old file */
    bool closing;

    char halves[2][HALF_SIZE];
    char path[];
};

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* O_NONBLOCK: a FIFO without a reader is refused at once, and would be waited for without it. */
static int open_file(const char *path)
{
    int fd = strcmp(path, "-") == 0
                 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);

    return fd < 0 ? -errno : fd;
}

static void use_file(struct access_log *log, int fd)
{
    struct stat info;

    log->fd = fd;
    log->is_regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

/* Keeps is_torn as it is: the name may lead to the same file again. */
static void reopen(struct access_log *log)
{
    int fd = open_file(log->path);

    if (fd < 0) {
        log_error("access log: cannot open %s again, the old file stays in use: %s", log->path,
                  strerror(-fd));
        return;
    }
    close(log->fd);
    use_file(log, fd);
}

/* Returns false when it is time to give up. */
static bool await_room(struct access_log *log)
{
    struct pollfd file = {.fd = log->fd, .events = POLLOUT};

    while (monotonic_ms() < atomic_load(&log->give_up_at)) {
        if (poll(&file, 1, POLL_SLICE_MS) > 0) {
            return true;
        }
    }
    return false;
}

/*
 * A pipe that poll(2) calls writable takes PIPE_BUF bytes without blocking. That is how standard
 * output is written: O_NONBLOCK would be set for all processes that share it. Returns how many
 * bytes were written.
 */
static size_t write_bytes(struct access_log *log, const char *bytes, size_t length)
{
    size_t done = 0;

    while (done < length && (log->is_regular || await_room(log))) {
        size_t left = length - done;
        size_t piece = log->is_regular || left < PIPE_BUF ? left : PIPE_BUF;
        ssize_t n = write(log->fd, bytes + done, piece);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            break;
        }
    }
    return done;
}

/* A line that is written in part counts as dropped: its end is among the bytes that are left. */
static void count_dropped(struct access_log *log, const char *bytes, size_t length)
{
    uint64_t lines = 0;

    for (size_t i = 0; i < length; i++) {
        lines += bytes[i] == '\n';
    }
    atomic_fetch_add(&log->dropped, lines);
}

static void write_lines(struct access_log *log, const char *lines, size_t length)
{
    size_t done = 0;

    if (!log->is_torn || write_bytes(log, "\n", 1) == 1) {
        done = write_bytes(log, lines, length);
        log->is_torn = done > 0 && lines[done - 1] != '\n';
    }
    count_dropped(log, lines + done, length - done);
}

/* Called with the mutex held, which is not held during the work itself. */
static void do_work(struct access_log *log)
{
    const char *lines = log->queue;
    size_t length = log->queued;
    bool reopen_wanted = log->reopen_wanted;
    size_t for_old_file = reopen_wanted ? log->reopen_at : length;

    log->queue = log->queue == log->halves[0] ? log->halves[1] : log->halves[0];
    log->queued = 0;
    log->reopen_wanted = false;
    pthread_mutex_unlock(&log->mutex);
    write_lines(log, lines, for_old_file);
    if (reopen_wanted) {
        reopen(log);
        write_lines(log, lines + for_old_file, length - for_old_file);
    }
    pthread_mutex_lock(&log->mutex);
}

static void *run_writer(void *argument)
{
    struct access_log *log = argument;

    pthread_mutex_lock(&log->mutex);
    for (;;) {
        if (log->queued > 0 || log->reopen_wanted) {
            do_work(log);
        } else if (!log->closing) {
            pthread_cond_wait(&log->work, &log->mutex);
        } else {
            break;
        }
    }
    pthread_mutex_unlock(&log->mutex);
    return NULL;
}

/* The writer has ended, or never began. */
static void release(struct access_log *log)
{
    pthread_cond_destroy(&log->work);
    pthread_mutex_destroy(&log->mutex);
    close(log->fd);
    free(log);
}

int access_log_create(const char *path, struct access_log **ret_log)
{
    size_t path_size = strlen(path) + 1;
    int fd = open_file(path);

    if (fd < 0) {
        return fd;
    }
    /* The kernel gives the halves their pages one by one, when they are first written. */
    struct access_log *log = calloc(1, sizeof *log + path_size);
    if (log == NULL) {
        close(fd);
        return -ENOMEM;
    }
    memcpy(log->path, path, path_size);
    use_file(log, fd);
    log->queue = log->halves[0];
    atomic_init(&log->give_up_at, INT64_MAX);
    pthread_mutex_init(&log->mutex, NULL); /* default attributes: cannot fail on Linux */
    pthread_cond_init(&log->work, NULL);
    int result = background_thread_start(&log->thread, "log-writer", run_writer, log);
    if (result < 0) {
        release(log);
        return result;
    }
    *ret_log = log;
    return 0;
}

uint64_t access_log_destroy(struct access_log *log)
{
    if (log == NULL) {
        return 0;
    }
    atomic_store(&log->give_up_at, monotonic_ms() + CLOSING_MS);
    pthread_mutex_lock(&log->mutex);
    log->closing = true;
    pthread_cond_signal(&log->work);
    pthread_mutex_unlock(&log->mutex);
    pthread_join(log->thread, NULL);
    uint64_t dropped = access_log_dropped(log);
    release(log);
    return dropped;
}

void access_log_reopen(struct access_log *log)
{
    pthread_mutex_lock(&log->mutex);
    log->reopen_wanted = true;
    log->reopen_at = log->queued;
    pthread_cond_signal(&log->work);
    pthread_mutex_unlock(&log->mutex);
}

uint64_t access_log_dropped(const struct access_log *log)
{
    return atomic_load(&log->dropped);
}

void log_writer_hand_over(struct access_log *log, const char *lines, size_t length)
{
    pthread_mutex_lock(&log->mutex);
    bool fits = length <= HALF_SIZE - log->queued;
    if (fits) {
        memcpy(log->queue + log->queued, lines, length);
        log->queued += length;
        pthread_cond_signal(&log->work);
    }
    pthread_mutex_unlock(&log->mutex);
    if (!fits) {
        count_dropped(log, lines, length);
    }
}
