/*
 * load_process: the program `load` as a child of a test, and what it said.
 */
#ifndef LOAD_PROCESS_H
#define LOAD_PROCESS_H

#include "scripted_server.h"

#include <stdint.h>
#include <sys/types.h>

enum { LOAD_OUTPUT = 4096, LOAD_WORDS = 8 };

struct load_process {
    pid_t pid;
    int input; /* its standard input's other end */
    int output;
    int errors;
    int status;            /* from here on good after load_wait; 128 + the signal that killed it */
    char out[LOAD_OUTPUT]; /* ended by NUL, as all text here */
    char err[LOAD_OUTPUT];
};

/* Where the program is: main's arguments. Ends the test program if they do not say. */
void load_process_init(int argc, char **argv);

/* Starts `load MODE --port=PORT WORDS`; port 0: without --port. NULL ends the words. */
void load_start(struct load_process *load, const char *mode, unsigned port,
                const char *const words[]);

/* Reads one line of its output, so that `out` goes on behind it. */
void load_read_line(struct load_process *load, char ret_line[static LOAD_OUTPUT]);

/* Closes its standard input and waits for its end. */
void load_wait(struct load_process *load);

void load_run_to_end(struct load_process *load, const char *mode, unsigned port,
                     const char *const words[]);

/* Starts the server, runs load against it, stops the server; fails unless the status is 0. */
void load_run_against(struct load_process *load, struct scripted_server *server, const char *mode,
                      const char *const words[]);

/* Fails unless there was none, and nothing on standard error. */
void load_expect_no_error(const struct load_process *load);

/* The number behind "key": in the JSON; the test fails if there is none. */
uint64_t load_number(const struct load_process *load, const char *key);

#endif
