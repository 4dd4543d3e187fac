/*
 * log_writer: the thread behind an access_log, and the queue towards it. Private to access_log.
 *
 * The queue is one of two halves of memory. Loops append to one while the writer writes the other,
 * and then the halves change their roles. So the mutex is held for as long as it takes to copy 32
 * KiB, a few microseconds, and never during a system call; nothing is allocated after the start.
 */
#ifndef LOG_WRITER_H
#define LOG_WRITER_H

#include "access_log.h"

/*
 * Queues whole lines, which are copied; or drops and counts them all, if they do not fit. Thread:
 * any.
 */
void log_writer_hand_over(struct access_log *log, const char *lines, size_t length);

#endif
