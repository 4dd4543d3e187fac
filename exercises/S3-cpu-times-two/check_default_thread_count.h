/* check_default_thread_count: what the checks of S3-cpu-times-two share. */
#ifndef CHECK_DEFAULT_THREAD_COUNT_H
#define CHECK_DEFAULT_THREAD_COUNT_H

/* The learner's. */
int default_thread_count(const char *mount, const char *group);

/* Asks the answer, in the check's tree of groups, and expects so many threads. */
void expect_threads(const char *group, int expected, const char *rule);

/* After each check: no tree, and the real machine. */
void end_pretending(void);

void add_mask_checks(void);
void add_quota_checks(void);

#endif
