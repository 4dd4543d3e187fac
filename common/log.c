#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

const char *const log_level_names[] = {"error", "warn", "info", "debug", NULL};

static enum log_level current_level = LOG_INFO;

void log_set_level(enum log_level level)
{
    current_level = level;
}

bool log_enabled(enum log_level level)
{
    return level <= current_level;
}

static size_t append_prefix(char *line, size_t capacity, enum log_level level)
{
    char thread[16] = "?";
    struct timespec now;
    struct tm local;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    pthread_getname_np(pthread_self(), thread, sizeof thread);
    size_t used = strftime(line, capacity, "%H:%M:%S", &local);
    int more = snprintf(line + used, capacity - used, ".%03ld %-5s [%s] ", now.tv_nsec / 1000000,
                        log_level_names[level], thread);
    return used + (size_t)more;
}

void log_write(enum log_level level, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    size_t used = append_prefix(line, sizeof line, level);
    va_list arguments;

    va_start(arguments, format);
    int wanted = vsnprintf(line + used, sizeof line - used, format, arguments);
    va_end(arguments);
    if (wanted > 0) {
        size_t room = sizeof line - used - 1;
        used += (size_t)wanted < room ? (size_t)wanted : room;
    }
    /* There is always a byte left for it, where vsnprintf wanted its NUL. */
    line[used++] = '\n';
    /* A log line that cannot be written is lost; there is nowhere left to say so. */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}

bool log_limit_allows(struct log_limit *limit, unsigned *ret_suppressed)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    /* Second 0 is the zero-initialised 'never yet', hence the + 1. */
    if (limit->last_second == now.tv_sec + 1) {
        limit->suppressed++;
        return false;
    }
    *ret_suppressed = limit->suppressed;
    limit->last_second = now.tv_sec + 1;
    limit->suppressed = 0;
    return true;
}
