/*
 * Their header and ours have the same name, and so have some of their functions and ours. So this
 * file is compiled without our folders, and their library is loaded at run time, which keeps its
 * names apart.
 */
#include "framing.h"

#include <check.h>
#include <dlfcn.h>
#include <http_parser.h>
#include <stdlib.h>
#include <string.h>

static struct {
    void (*init)(http_parser *parser, enum http_parser_type type);
    size_t (*execute)(http_parser *parser, const http_parser_settings *settings, const char *bytes,
                      size_t length);
    void (*pause)(http_parser *parser, int paused);
} theirs;

/* ISO C has no conversion from an object's address, which dlsym returns, to a function's. */
static void find(void *library, const char *name, void *ret_function)
{
    void *found = dlsym(library, name);

    ck_assert_msg(found != NULL, "%s: %s", name, dlerror());
    memcpy(ret_function, &found, sizeof found);
}

static void load(void)
{
    void *library = dlopen("libhttp_parser.so", RTLD_NOW | RTLD_LOCAL);

    ck_assert_msg(library != NULL, "%s", dlerror());
    find(library, "http_parser_init", &theirs.init);
    find(library, "http_parser_execute", &theirs.execute);
    find(library, "http_parser_pause", &theirs.pause);
}

static int on_body(http_parser *parser, const char *bytes, size_t length)
{
    struct framing *framing = parser->data;

    framing->body = realloc(framing->body, framing->body_length + length);
    if (framing->body == NULL) {
        ck_abort_msg("no memory for %zu bytes", framing->body_length + length);
    }
    memcpy(framing->body + framing->body_length, bytes, length);
    framing->body_length += length;
    return 0;
}

/* Otherwise it would go on with the next message. */
static int on_message_complete(http_parser *parser)
{
    theirs.pause(parser, 1);
    return 0;
}

struct framing framing_by_them(const char *bytes, size_t length)
{
    const http_parser_settings settings = {.on_body = on_body,
                                           .on_message_complete = on_message_complete};
    struct framing framing = {.verdict = FRAMING_REFUSED};
    http_parser parser = {.data = &framing};

    if (theirs.init == NULL) {
        load();
    }
    theirs.init(&parser, HTTP_REQUEST);
    size_t used = theirs.execute(&parser, &settings, bytes, length);
    if (parser.http_errno == HPE_PAUSED) {
        framing.verdict = FRAMING_COMPLETE;
        framing.end = used;
    } else if (parser.http_errno == HPE_OK) {
        framing.verdict = FRAMING_PARTIAL;
    }
    return framing;
}
