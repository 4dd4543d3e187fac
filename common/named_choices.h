/*
 * named_choices: tables of functions that a command line chooses by name.
 *
 * Dispatchers, wakeups and selection policies are all constant tables with a name. A server offers
 * its own and those of its extensions; the option gets the names, the index it yields finds the
 * table.
 */
#ifndef NAMED_CHOICES_H
#define NAMED_CHOICES_H

#include <stddef.h>

enum { NAMED_CHOICES_MAX = 32 };

/* Zero-initialise. Borrows names and tables. */
struct named_choices {
    size_t count;
    const char *names[NAMED_CHOICES_MAX + 1]; /* ended by NULL, as cli_option.choices wants it */
    const void *tables[NAMED_CHOICES_MAX];
};

/* Returns 0; -EEXIST when the name is taken; -ENOSPC when the list is full. */
int named_choices_add(struct named_choices *choices, const char *name, const void *table);

#endif
