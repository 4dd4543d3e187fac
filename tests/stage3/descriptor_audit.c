#include "descriptor_audit.h"

#include <errno.h>

int __real_close(int fd);
int __wrap_close(int fd);

atomic_uint descriptor_bad_closes;

int __wrap_close(int fd)
{
    int result = __real_close(fd);

    if (result < 0 && errno == EBADF) {
        atomic_fetch_add(&descriptor_bad_closes, 1);
    }
    return result;
}
