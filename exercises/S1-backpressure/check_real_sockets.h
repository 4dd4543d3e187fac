/* check_real_sockets: the checks of the answer with real sockets. */
#ifndef CHECK_REAL_SOCKETS_H
#define CHECK_REAL_SOCKETS_H

void add_real_socket_checks(void);

#endif
