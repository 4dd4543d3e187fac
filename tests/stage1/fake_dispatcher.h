/*
 * fake_dispatcher: a dispatcher that reports what a test has written down.
 *
 * It notes in `fake_story` what it is asked, and so do the channels and the deferred work of a
 * test: the story then has everything in the order in which it happened. When the script is over
 * its wait fails with ECANCELED, which ends the run.
 */
#ifndef FAKE_DISPATCHER_H
#define FAKE_DISPATCHER_H

#include "event_loop.h"

enum { FAKE_SCRIPT_LENGTH = 8, FAKE_BATCH = 4 };

struct fake {
    /* What these are to return; negative is an error. */
    int create_result;
    int add_result;
    int update_result;
    int destroyed; /* how often */
    int script_length;
    int waits;
    struct {
        int count;
        struct ready_event events[FAKE_BATCH];
    } script[FAKE_SCRIPT_LENGTH];
};

extern struct fake fake;
extern struct event_dispatcher fake_dispatcher;

/* One more batch for wait to report. */
void fake_batch(int count, const struct ready_event *events);

/* Everything told so far, with blanks in between: "add:5 wait:-1 read:5". */
extern char fake_story[512];
void tell(const char *what);
void tell_number(const char *what, int number);

/* A loop on the fake dispatcher, by a checked fixture. */
extern struct event_loop *fake_loop;
void fake_setup(void);
void fake_teardown(void);

/* A channel that tells "read:fd" and "write:fd". */
struct channel new_channel(int fd);
void add_to_loop(struct channel *channel, unsigned events);

/* Work that tells its name and, if there is another, defers it. */
struct work {
    struct deferred deferred;
    const char *name;
    struct work *then;
};
struct work new_work(const char *name, struct work *then);

#endif
