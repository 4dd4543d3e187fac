/*
 * http_transcript: everything that a server says on one connection, and the answers in it.
 *
 * Unlike http_client it fails no test by itself: it says what is wrong, so that a test can add what
 * it was about.
 */
#ifndef HTTP_TRANSCRIPT_H
#define HTTP_TRANSCRIPT_H

#include "http_client.h"

struct http_transcript {
    char bytes[64 * 1024];
    size_t length;
    size_t taken;     /* by http_transcript_take */
    const char *over; /* "the end", or why nothing more was received; NULL: more may come */
};

/* How an answer ends; whoever asked knows. */
enum http_ending {
    ENDS_AS_FRAMED,       /* by its length or its last chunk: to HTTP/1.1 */
    ENDS_WITH_HEAD,       /* to HEAD */
    ENDS_WITH_CONNECTION, /* a body of unknown length, to HTTP/1.0 */
};

void http_transcript_init(struct http_transcript *transcript);

/* Receives until `ending` is somewhere in it; NULL: until nothing more comes. */
void http_transcript_receive(struct http_transcript *transcript, int fd, const char *ending);

/*
 * Takes the next answer out of it, which must be well formed and complete: with Date and Server,
 * and framed in one way where it must be framed, and in none where it must not. The body, taken out
 * of its chunks, belongs to the transcript. Returns NULL, or what is wrong.
 */
const char *http_transcript_take(struct http_transcript *transcript, enum http_ending ending,
                                 struct http_answer *ret_answer);

/* The bytes with what is not printable escaped, for a message. Returns text to free. */
char *http_escape(const char *bytes, size_t length);

#endif
