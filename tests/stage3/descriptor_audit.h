/*
 * descriptor_audit: notices who closes a descriptor that is not open, such as one closed before.
 *
 * Linked with -Wl,--wrap=close: the code under test closes through here.
 */
#ifndef DESCRIPTOR_AUDIT_H
#define DESCRIPTOR_AUDIT_H

#include <stdatomic.h>

/* Calls of close that failed with EBADF. */
extern atomic_uint descriptor_bad_closes;

#endif
