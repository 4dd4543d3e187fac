/* Stands in for test_differential where there is no libhttp-parser. */
#include <stdio.h>

int main(void)
{
    puts("optional: libhttp-parser is not here (Debian: libhttp-parser-dev), and not everywhere "
         "to be had");
    return 77;
}
