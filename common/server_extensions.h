/*
 * server_extensions: what a main of five lines may add to a real stage server.
 *
 * Every stage's library exports `stageN_main(argc, argv, extensions)`. The tables given here stand
 * beside the built-in ones and are chosen by name on the command line: a learner's selection policy
 * becomes `--policy=NAME` of the stage 3 server, with no plug-in loading and no weak symbols. A
 * stage ignores what it has no use for: stage 1 all of it, stage 2 all but the dispatchers.
 *
 * All pointers are borrowed until stageN_main returns. Each array is ended by NULL; NULL stands for
 * an empty one. A name that is built in already is an error, exit status 2.
 */
#ifndef SERVER_EXTENSIONS_H
#define SERVER_EXTENSIONS_H

struct event_dispatcher;
struct wakeup;
struct selection_policy;

struct server_extensions {
    const struct event_dispatcher *const *dispatchers;
    const struct wakeup *const *wakeups;
    const struct selection_policy *const *policies;
    /* How many threads when --threads is not given. Thread: main. Returns 0 or more. */
    int (*default_thread_count)(void);
};

#endif
