/*
 * check_guarded_loads: a table of loads that notices who looks where.
 *
 * The table is many pages long, and no page may be read. Whoever reads a load makes the CPU stop
 * (SIGSEGV); the page is noted, opened, and the program goes on. So one sees how many pages a call
 * has touched: with two loads that are far apart it is two. Thread: the check's.
 */
#ifndef CHECK_GUARDED_LOADS_H
#define CHECK_GUARDED_LOADS_H

#include "selection_policy.h"

#include <stdbool.h>

enum { GUARDED_PAGES = 16 };

/* Makes the table, all loads zero, and returns how many loads it has. */
size_t guarded_loads_create(void);
void guarded_loads_destroy(void);

/* Closes all pages, and forgets who has been where. */
const struct loop_load *guarded_loads_close(void);

/* Since then: how many pages were looked at, and whether one was written to. */
int guarded_loads_touched(void);
bool guarded_loads_written(void);

#endif
