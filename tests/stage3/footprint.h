/*
 * footprint: how many descriptors and threads this process has, and whether it is back to as many.
 *
 * What a test leaves behind in memory, the leak checker of an address-sanitized build tells.
 */
#ifndef FOOTPRINT_H
#define FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct footprint {
    size_t descriptors;
    size_t threads;
};

struct footprint footprint_take(void);

/* Fails the test unless there are as many descriptors and threads as before. */
void footprint_expect(struct footprint before);

/* Waits until there are no more than `count` threads: a joined one may show for a moment longer. */
void await_thread_count(size_t count);

/* Runs `run(argument)` on a thread of its own and returns when it has ended. */
void on_another_thread(void (*run)(void *argument), void *argument);

/* Waits for a state that no event announces; fails the test, naming it, after ten seconds. */
#define await(condition, what)                                                                     \
    do {                                                                                           \
        int64_t await_deadline = await_start();                                                    \
        while (!(condition)) {                                                                     \
            await_step(await_deadline, what);                                                      \
        }                                                                                          \
    } while (0)

int64_t await_start(void);
void await_step(int64_t deadline, const char *what);

#endif
