/*
 * journal: what happened, in its order, as one line of text that a test compares.
 *
 * A note is the smallest mailbox task: it writes "+N" when it runs and "-N" when it is dropped.
 * Thread: one at a time; the loop's, until it has ended or was joined.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "mailbox.h"

/* Zero-initialise. */
struct journal {
    char text[4096];
    size_t length;
};

/* Appends words, separated by blanks. */
void journal_write(struct journal *journal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct note {
    struct mailbox_task task;
    struct journal *journal;
    int number;
};

/* Numbers `count` notes from `first` on. */
void notes_init(struct note *notes, size_t count, struct journal *journal, int first);

/* Posts them from another thread; fails the test unless every one is taken. */
void notes_post(struct note *notes, size_t count, struct mailbox *mailbox);

#endif
