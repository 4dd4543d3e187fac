/*
 * check_connection: a connection that keeps what the answer leaves over, as tcp_connection does,
 * and writes down what comes of it.
 *
 * With each delivery the bytes lie at another place, between unreadable pages; where they were
 * before, there is nonsense.
 */
#ifndef CHECK_CONNECTION_H
#define CHECK_CONNECTION_H

#include "pipeline.h"

#include <stddef.h>

extern const char NOT_USED[]; /* rules that more than one file has to name */
extern const char ANY_SPLIT[];

/* A fresh connection; there is only one. A request whose target begins with /slow makes it busy. */
struct pipeline *connection_open(void);

/* Some bytes come. Returns how many were used of all that was there. */
size_t connection_deliver(const char *bytes, size_t length);
size_t connection_deliver_text(const char *text);

/* The slow request has been answered; what is left over is given again. */
size_t connection_answered(void);

/* What is left over at the moment. */
size_t connection_left_over(void);

/*
 * What has happened so far, in order: "GET /a; POST /b 'body'; refused 400; ". Good until the next
 * delivery.
 */
const char *connection_story(void);

#endif
