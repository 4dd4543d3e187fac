/*
 * load_options: the command line `load MODE --port=N …`. Each mode takes only the options that
 * mean something to it.
 */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include <stdbool.h>

enum load_mode { LOAD_HTTP, LOAD_ECHO, LOAD_IDLE, LOAD_STORM };

struct load_options {
    enum load_mode mode;
    const char *mode_name;
    const char *host;
    long port;
    long connections;
    long duration_ms;
    long grace_ms;    /* how long the last answers may take */
    const char *path; /* NULL: an idle connection asks for nothing */
    long pipeline;    /* requests in one piece */
    int close;        /* a new connection for each request */
    long rate;        /* requests a second; 0: ask again as soon as answered (a closed loop) */
    long size;        /* of an echoed message, in bytes */
};

/*
 * Returns true if the program should go on; else *ret_status is what to exit with, and the reason
 * has been told. The strings are argv's.
 */
bool load_options_parse(int argc, char **argv, struct load_options *ret_options, int *ret_status);

#endif
