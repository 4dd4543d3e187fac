/* check_asking: how the checks of S3-cpu-times-two ask the answer. */
#ifndef CHECK_ASKING_H
#define CHECK_ASKING_H

/* The learner's. */
int default_thread_count(const char *mount, const char *group);

/* Asks the answer, in the check's tree of groups, and expects so many threads. */
void expect_threads(const char *group, int expected, const char *rule);

/* After each check: no tree, and the real machine. */
void end_pretending(void);

#endif
