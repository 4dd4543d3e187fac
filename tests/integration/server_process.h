/*
 * server_process: a stage server as a child process of one test.
 *
 * It dies with the test, however that ends. Its standard error goes to one log file that the whole
 * test program shares; a test that passes cuts its part off again, so what is left at the end is
 * what the servers of failed tests said. A report of a sanitizer there fails the test.
 */
#ifndef SERVER_PROCESS_H
#define SERVER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

struct server_launch {
    const char *program;          /* path; NULL: the server that Meson named */
    const char *const *arguments; /* ended by NULL; NULL: none */
    rlim_t descriptor_limit;      /* RLIMIT_NOFILE; 0: as this process */
};

/* Belongs to the harness; good until the test ends. */
struct server_process {
    pid_t pid;      /* 0 once it was waited for */
    int end_signal; /* what ends it with status 0; SIGTERM unless changed */
    int output_fd;
    off_t log_start;
    char announcement[256]; /* the line it printed, without the newline */
    struct sockaddr_storage address;
    socklen_t address_length;
    unsigned port;
};

/* Starts it with --port=0 before the arguments and returns once it has said where it listens. */
struct server_process *server_start(const struct server_launch *launch);

/* Only starts it, with the arguments as they are: for command lines that end at once, and for the
 * tools that talk to a server. */
struct server_process *server_spawn(const struct server_launch *launch);

void server_signal(const struct server_process *server, int number);

/* SIGSTOP, and returns when it stands; SIGCONT. */
void server_freeze(const struct server_process *server);
void server_thaw(const struct server_process *server);

/* Waits for its end. Returns the exit status, or 128 + the signal that killed it. */
int server_wait(struct server_process *server);

/* Waits for its end and fails the test unless it is this status, or if a sanitizer complained. */
void server_expect_exit(struct server_process *server, int status);

/* Reads its standard output up to the end. Returns text to free. */
char *server_read_output(const struct server_process *server);

/* What it has written to standard error so far. Returns text to free. */
char *server_read_log(const struct server_process *server);

/* How many lines of standard error contain `text`. */
size_t server_log_count(const struct server_process *server, const char *text);

/* The log of the test program: for integration.c. mark and processes_end are the fixture. */
void server_log_create(void);
void server_log_mark(void);
void server_log_show(void);

/* Ends every process still running, expecting status 0, and cuts the log off. */
void server_processes_end(void);

#endif
