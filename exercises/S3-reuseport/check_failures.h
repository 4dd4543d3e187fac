/* check_failures: the checks of S3-reuseport in which a call fails. */
#ifndef CHECK_FAILURES_H
#define CHECK_FAILURES_H

void add_failure_checks(void);

#endif
