/*
 * request_fixture: a request as the service hands it to a handler, and the response to be filled.
 */
#ifndef REQUEST_FIXTURE_H
#define REQUEST_FIXTURE_H

#include "http_request.h"
#include "http_response.h"

struct request_fixture {
    struct http_request request;
    struct http_response response;
    struct buffer path;
    char head[2048];
};

/* Parses "METHOD target HTTP/1.1", decodes the path, and resets the response. */
void request_fixture_open(struct request_fixture *fixture, const char *method, const char *target);

/* The same with further fields: lines, each with its line end. */
void request_fixture_open_with(struct request_fixture *fixture, const char *method,
                               const char *target, const char *fields);

void request_fixture_close(struct request_fixture *fixture);

/* The value of a field of the response. NULL if it is not there; fails if it is there twice. */
const char *response_field(const struct http_response *response, const char *name);

#endif
