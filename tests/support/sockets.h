/*
 * sockets: pairs of connected sockets, and what tests do with the far end of one.
 *
 * In every pair the first end is non-blocking, as a reactor wants it; the second, the peer's,
 * blocks, but for ten seconds at most, so that a missing byte is a failed test and not an eternal
 * one. Whatever goes wrong in here fails the running test.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

enum { SOCKETS_PATIENCE_MS = 10000 };

/* Unix sockets: a stream, or packets (each write of one end is one read of the other). */
void stream_pair(int ret_pair[2]);
void packet_pair(int ret_pair[2]);

/* TCP over loopback: the only pair of which one end can reset the other. */
void tcp_pair(int ret_pair[2]);

/* A blocking TCP connection to the port of a listening socket on IPv4 loopback. */
int tcp_connect_to(int listen_fd);

void peer_sends(int fd, const void *bytes, size_t length);

/* Reads exactly `length` bytes. */
void peer_reads(int fd, void *ret_bytes, size_t length);

/* Reads what one read gives, without waiting. Returns 0 if there is nothing, also at the end. */
size_t peer_reads_now(int fd, void *ret_bytes, size_t capacity);

/* Waits for the end of the stream; fails if a byte comes first. */
void peer_sees_end(int fd);

/* Closes so that the other end sees a reset instead of an end. */
void peer_resets(int fd);

/* Makes the kernel keep as little as it can for each direction, so that pressure shows early. */
void shrink_buffers(int fd);

/* Bytes offset, offset + 1, ... of an endless sequence that does not repeat soon: what is lost or
 * comes twice shows. */
void pattern(char *ret_bytes, size_t offset, size_t length);

/* Writes the pattern from `offset` on until the socket takes no more. Returns how many bytes that
 * were. */
size_t fill(int fd, size_t offset);

/* Reads what one read gives, without waiting, and fails unless that is the pattern from `offset`
 * on. */
size_t peer_reads_pattern_now(int fd, size_t offset);

/* Waits until `fd` is readable. */
void await_readable(int fd);

bool descriptor_is_open(int fd);
int open_descriptors(void);

/* Makes sure that descriptors 0 to highest can be had. */
void allow_descriptors(int highest);

/* Leaves this process no free descriptor. Returns the old limit for restore_descriptors. */
unsigned long exhaust_descriptors(void);
void restore_descriptors(unsigned long limit);

#endif
