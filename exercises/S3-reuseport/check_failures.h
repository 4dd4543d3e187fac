/* check_failures: the checks of S3-reuseport in which a call fails; and a count of descriptors. */
#ifndef CHECK_FAILURES_H
#define CHECK_FAILURES_H

#include <stddef.h>

void add_failure_checks(void);

/* How many descriptors this process has open. In check_listeners.c. */
size_t count_open(void);

#endif
