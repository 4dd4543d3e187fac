/* proc_status: what the kernel tells about another process. Each fails the test if it is gone. */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A number from /proc/PID/status: "VmRSS" (in KiB), "Threads", "voluntary_ctxt_switches". */
long proc_status_value(pid_t pid, const char *name);

/* How many descriptors it has open. */
size_t proc_descriptor_count(pid_t pid);

/* Processor time of all its threads, in ns. */
int64_t proc_cpu_ns(pid_t pid);

/* How many of its threads are named exactly so (see prctl(2), PR_SET_NAME). */
size_t proc_threads_named(pid_t pid, const char *name);

/*
 * How many bytes the TCP/IPv4 socket between these two local ports has received that its owner has
 * not read. Looks for the end whose own port is `port`.
 */
size_t proc_tcp_unread(unsigned port, unsigned peer_port);

#endif
