/*
 * check_loads: the checks of S3-least-connections with loads that lie on pages of their own, which
 * notice who writes to them, and which change between two looks.
 */
#ifndef CHECK_LOADS_H
#define CHECK_LOADS_H

void add_changing_load_checks(void);

#endif
