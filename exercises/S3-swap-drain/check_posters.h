/* check_posters: the checks with many threads that post. */
#ifndef CHECK_POSTERS_H
#define CHECK_POSTERS_H

void add_poster_checks(void);

#endif
