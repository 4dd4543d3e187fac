/* check_conformance: the checks of rule 1, which every dispatcher of the stages passes. */
#ifndef CHECK_CONFORMANCE_H
#define CHECK_CONFORMANCE_H

void add_conformance_checks(void);

#endif
