/*
 * configurations: the ways to run the server of the stage under test. A test takes `_i`,
 * from 0 to configuration_count() - 1.
 */
#ifndef CONFIGURATIONS_H
#define CONFIGURATIONS_H

#include "server_process.h"

int configuration_count(void);

/* Whether it waits with select, which cannot watch more than FD_SETSIZE descriptors. */
bool configuration_selects(int i);

/* Starts the server with configuration i and up to four further arguments (NULL: none). */
struct server_process *configuration_start(int i, const char *const *further);

/* The same with that many descriptors at most. */
struct server_process *configuration_start_limited(int i, const char *const *further,
                                                   rlim_t descriptor_limit);

#endif
