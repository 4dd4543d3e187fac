/*
 * check_kernel: write, read and fcntl as the answer finds them; they pass on to the kernel, unless
 * a check wants it otherwise.
 */
#ifndef CHECK_KERNEL_H
#define CHECK_KERNEL_H

#include <stdatomic.h>

/* What the kernel is made to do to the answer's calls. */
struct kernel {
    atomic_int interrupted;   /* so many calls end with EINTR, having done nothing */
    atomic_size_t read_limit; /* no read gets more than this; 0: no limit */
    atomic_bool refuse_fcntl; /* every fcntl but the F_GET… ends with EPERM */
    atomic_int late_flags;    /* calls of fcntl that set a flag which the end should be born with */
    atomic_int full;          /* writes that ended with EAGAIN */
    atomic_int ends;          /* reads that ended with 0 */
};

extern struct kernel kernel;

#endif
