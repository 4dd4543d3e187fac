/*
 * check_inbox: a wakeup that a check can look into, and the moments in which another thread may
 * come in between.
 *
 * The answer meets a `moment` whenever it holds no mutex and is about to lock one or has just
 * unlocked it, and just before and just after each of its calls of the wakeup has its effect. In
 * one chosen moment the check does something: what another thread might have done just then.
 */
#ifndef CHECK_INBOX_H
#define CHECK_INBOX_H

#include "wakeup.h"

#include <stdbool.h>
#include <stddef.h>

/* What the answer declares. */
struct inbox_item {
    struct inbox_item *next;
};

struct inbox;

int inbox_create(const struct wakeup *wakeup, struct inbox **ret_inbox);
int inbox_fd(const struct inbox *inbox);
void inbox_post(struct inbox *inbox, struct inbox_item *item);
size_t inbox_take(struct inbox *inbox, struct inbox_item **ret_items, size_t most);
void inbox_destroy(struct inbox *inbox);

/* The wakeup: readable is what poll would say of its reading end. */
struct scripted {
    bool one_number; /* open gives one descriptor, as eventfd does */
    int open_error;  /* what open returns, if not 0 */
    int wake_error;  /* what wake returns, if not 0 */
    bool readable;
    int wakes; /* calls, those that failed included */
    bool wake_was_locked;
    int read_fd;
    int write_fd;
    int closed[2]; /* how often the reading and the writing end were closed */
};

extern struct scripted scripted;
extern const struct wakeup scripted_wakeup;

/* Has `action` done in the moment of this number, counted from 0 and from now on. */
void at_moment(int number, void (*action)(void));

/* Ends it. Returns whether that moment has come. */
bool moment_came(void);

/* Of the moment that came: "before it locks the mutex". */
const char *moment_name(void);

#endif
