/*
 * access_log: a line for every answer, in the Combined Log Format that log analysers read.
 *
 *     ADDRESS - - [10/Oct/2000:13:55:36 +0000] "REQUEST LINE" STATUS BYTES "REFERER" "USER-AGENT"
 *
 * A loop must not wait for a disk. It gathers lines in memory of its own, without a lock or a
 * system call, and hands them over when 32 KiB have come together or a second has passed; one
 * thread writes the lines of all loops. What a full disk or a stuck reader leaves no room for is
 * dropped and counted.
 *
 * One access_log for the program: main creates it before the loops start and destroys it when they
 * have ended. One access_log_stream in the state of each loop, for that loop's thread only.
 */
#ifndef ACCESS_LOG_H
#define ACCESS_LOG_H

#include "http_request.h"

#include <time.h>

struct access_log;

/*
 * `path` is the name of a file, which is appended to, or "-": standard output. Starts the thread
 * "log-writer". SIGPIPE must be ignored. Returns 0 or -errno; -ENXIO is a FIFO without a reader.
 */
int access_log_create(const char *path, struct access_log **ret_log);

/*
 * Lets all be written that was handed over, but waits for a pipe no longer than a second. The
 * streams are released by now. NULL is allowed. Returns how many lines were dropped in all.
 */
uint64_t access_log_destroy(struct access_log *log);

/*
 * For logrotate, which has renamed the file: what is already handed over goes to that file, what
 * comes later to a new one of the old name. If that cannot be opened, log_error says so, and the
 * old file stays in use. Nothing changes for standard output. Thread: any.
 */
void access_log_reopen(struct access_log *log);

/* How many lines were lost, because the queue was full or a write failed. Thread: any. */
uint64_t access_log_dropped(const struct access_log *log);

enum {
    ACCESS_LOG_FLUSH_SIZE = 32 * 1024, /* bytes */
    ACCESS_LOG_MAX_LINE = 13 * 1024,

    /* Longer values are cut. These are bytes as they came in: an escaped one takes up to four. */
    ACCESS_LOG_MAX_ADDRESS = 64,
    ACCESS_LOG_MAX_REQUEST = 2048,
    ACCESS_LOG_MAX_FIELD = 512, /* of Referer, and of User-Agent */
};

/* Without a log, as a zero-initialised one is, it takes every call and does nothing. */
struct access_log_stream {
    struct access_log *log;
    size_t length;
    char lines[ACCESS_LOG_FLUSH_SIZE + ACCESS_LOG_MAX_LINE];
};

/* Borrowed for the time of the call. An empty span is a value that is missing: "-". */
struct access_log_entry {
    struct http_span address;
    const char *time; /* of access_log_format_time */
    struct http_span request_line;
    int status;
    uint64_t bytes; /* of the body; 0 becomes "-" */
    struct http_span referer;
    struct http_span user_agent;
};

void access_log_stream_init(struct access_log_stream *stream, struct access_log *log);

/* Hands over what is left. */
void access_log_stream_release(struct access_log_stream *stream);

/*
 * Adds a line, and one line only, whatever the client sent: quotation marks and backslashes get a
 * backslash, control characters and bytes from 0x7f on become \xhh.
 */
void access_log_add(struct access_log_stream *stream, const struct access_log_entry *entry);

/* To be called about a second after the first line that is pending. */
void access_log_flush(struct access_log_stream *stream);

static inline bool access_log_pending(const struct access_log_stream *stream)
{
    return stream->length > 0;
}

/* "10/Oct/2000:13:55:36 +0000": UTC, whatever the locale. */
enum { ACCESS_LOG_TIME_TEXT = 32 };
void access_log_format_time(time_t time, char ret_text[static ACCESS_LOG_TIME_TEXT]);

#endif
