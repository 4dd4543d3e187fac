/* check_server: the checks of the wakeup in the real stage 3 server. */
#ifndef CHECK_SERVER_H
#define CHECK_SERVER_H

void add_server_checks(void);

#endif
