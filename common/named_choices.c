#include "named_choices.h"

#include <errno.h>
#include <string.h>

int named_choices_add(struct named_choices *choices, const char *name, const void *table)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (strcmp(choices->names[i], name) == 0) {
            return -EEXIST;
        }
    }
    if (choices->count == NAMED_CHOICES_MAX) {
        return -ENOSPC;
    }
    choices->names[choices->count] = name;
    choices->tables[choices->count] = table;
    choices->count++;
    return 0;
}
