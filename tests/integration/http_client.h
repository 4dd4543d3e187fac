/*
 * http_client: one connection to an HTTP server, as strict as a client can be.
 *
 * Requests are sent as the text they are; answers are taken apart one after the other, however
 * their bytes arrive. Anything that is no well-formed answer fails the test.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "server_process.h"

enum { HTTP_HEAD_MAX = 16 * 1024 };

struct http_client {
    int fd;
    char bytes[2 * HTTP_HEAD_MAX]; /* received, not used yet */
    size_t start;
    size_t end;
};

struct http_answer {
    int status;
    char head[HTTP_HEAD_MAX]; /* status line and fields, ended by NUL */
    char *body;               /* ended by NUL, to be freed by http_answer_release */
    size_t body_length;
    size_t chunks; /* that are not empty; 0 if the body has a Content-Length */
    bool close;    /* "Connection: close" */
};

void http_connect(struct http_client *client, const struct server_process *server);
void http_disconnect(struct http_client *client);

/* Sends the text as it is. */
void http_send(struct http_client *client, const char *request);

/* Sends "METHOD PATH HTTP/1.1" with a Host field. */
void http_ask(struct http_client *client, const char *method, const char *path);

/* Takes in one answer; that to a HEAD has no body, whatever its length says. */
void http_receive(struct http_client *client, struct http_answer *answer);
void http_receive_head(struct http_client *client, struct http_answer *answer);
/* The body of the answer whose head was received. */
void http_receive_body(struct http_client *client, struct http_answer *answer);

/* The end of the connection is the end of the body. Closes. */
void http_receive_until_end(struct http_client *client, struct http_answer *answer);
void http_answer_release(struct http_answer *answer);

/* Copies a field's value. Returns false, and an empty value, if it is not there. */
bool http_answer_field(const struct http_answer *answer, const char *name, char *ret_value,
                       size_t capacity);

/* Takes in one answer with its body and fails the test unless it has this status. */
void http_expect(struct http_client *client, int status);

/* The same, and that its body is this text. */
void http_expect_body(struct http_client *client, int status, const char *body);

/* The next thing is the end of the stream, without a reset. Closes. */
void http_expect_end(struct http_client *client);

/* Asks for /status and adds up the numbers that stand behind "name": anywhere in it. */
unsigned long http_status_value(struct http_client *client, const char *name);

/* One GET on a connection of its own. */
void http_get(const struct server_process *server, const char *path, struct http_answer *answer);

#endif
