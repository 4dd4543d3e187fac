/* server_log: the few things that every stage server has to say while it runs, in one wording. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include "log.h"

#include <stddef.h>

/*
 * A connection could not be taken on and is closed. `error` is a positive errno. One line a second.
 */
void server_log_refused(struct log_limit *limit, int fd, int error);

/* Accepting pauses because of `error`, or goes on (0). */
void server_log_pause(int error);

void server_log_ending(int signal_number);

/* All connections are gone; cut_off of them had to be aborted. */
void server_log_drained(size_t cut_off);

#endif
