/* welcome_page: welcome.html as bytes in the program; the build makes the source file. */
#ifndef WELCOME_PAGE_H
#define WELCOME_PAGE_H

#include <stddef.h>

extern const unsigned char welcome_page[];
extern const size_t welcome_page_length;

#endif
