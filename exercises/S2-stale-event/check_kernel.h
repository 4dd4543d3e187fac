/*
 * check_kernel: the grader between the answer and epoll.
 *
 * epoll_ctl and epoll_wait (epoll_pwait, epoll_pwait2) are defined in check_kernel.c. They pass
 * everything on to the real kernel, until kernel_pretend: from then on descriptors are mere
 * numbers, and a wait reports what the check has put down for it.
 */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KERNEL_HIGHEST = 1048575 };

void kernel_pretend(void);

/* The word that the answer gave with the present registration of `fd`. */
uint64_t kernel_word_of(int fd);
bool kernel_watches(int fd);

/* What the next wait is to report: for the present registration of `fd`, or with any word. */
void kernel_report(int fd, uint32_t events);
void kernel_report_word(uint64_t word, uint32_t events);

/* The descriptor was closed, and nobody else had the file open: its registration is gone. */
void kernel_close(int fd);

/* The errno of the next registration, or of the next wait. */
void kernel_refuse_add(int error);
void kernel_refuse_wait(int error);

/* Of both kernels. */
extern struct kernel_seen {
    int waits;
    int timeout_ms; /* of the last wait */
    int room;       /* of the last wait: how many events it could take */
} kernel_seen;

#endif
