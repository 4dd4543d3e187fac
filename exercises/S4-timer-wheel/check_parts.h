/* check_parts: the checks of S4-timer-wheel that have a file of their own. */
#ifndef CHECK_PARTS_H
#define CHECK_PARTS_H

void add_model_checks(void);
void add_cost_checks(void);

#endif
