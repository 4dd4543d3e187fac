/*
 * log: one line to standard error, with time, level and thread name.
 *
 * The libraries log at debug level only: they trace what happens. Errors are returned, and main
 * decides what is worth a line. A level that is off costs one comparison: the arguments are not
 * even evaluated.
 *
 * Thread: any. Each line leaves in a single write(2), so lines of several threads never mix.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* The names of the levels in their order, ended by NULL. */
extern const char *const log_level_names[];

/* Thread: main, before other threads exist. Default: LOG_INFO. */
void log_set_level(enum log_level level);

bool log_enabled(enum log_level level);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_at(level, ...)                                                                         \
    do {                                                                                           \
        if (log_enabled(level)) {                                                                  \
            log_write(level, __VA_ARGS__);                                                         \
        }                                                                                          \
    } while (0)

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

/*
 * Lets one line a second pass, so that a flood of equal trouble is no flood of lines.
 * Zero-initialise. Thread: the one that owns the limit. Returns whether to log now; *ret_suppressed
 * is the number of lines held back since the last one that passed.
 */
struct log_limit {
    int64_t last_second;
    unsigned suppressed;
};
bool log_limit_allows(struct log_limit *limit, unsigned *ret_suppressed);

#endif
