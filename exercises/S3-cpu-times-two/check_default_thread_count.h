/* check_default_thread_count: the parts of the grader of S3-cpu-times-two. */
#ifndef CHECK_DEFAULT_THREAD_COUNT_H
#define CHECK_DEFAULT_THREAD_COUNT_H

void add_mask_checks(void);
void add_quota_checks(void);

#endif
