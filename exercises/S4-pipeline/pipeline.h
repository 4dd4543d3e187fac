/*
 * pipeline: from the bytes of one connection to its requests, one after the other.
 *
 * Embedded in the connection's own struct. The owner sets the first five members; the others are
 * zero at first, and belong to pipeline_bytes.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "http_parser.h"

struct pipeline {
    /* Called from inside pipeline_bytes. The request, its head and body are good until it returns. */
    void (*on_request)(struct pipeline *pipeline, const struct http_request *request);
    void (*on_refused)(struct pipeline *pipeline, int status);
    const struct http_limits *limits; /* for http_parser_init */
    /*
     * The last request is not answered yet. on_request may set it; the owner clears it when the
     * answer is out, and then calls pipeline_bytes with what is left over.
     */
    bool busy;
    void *context; /* the owner's */

    struct http_parser parser;
    struct http_request request;
    bool started;  /* the parser was initialised for the request in progress */
    bool has_head; /* and has found the end of its head */
    bool ended;    /* nothing more is looked at */
};

/* README.md has the contract. `bytes`: all that was not used so far. Returns how many are now. */
size_t pipeline_bytes(struct pipeline *pipeline, const char *bytes, size_t length);

#endif
