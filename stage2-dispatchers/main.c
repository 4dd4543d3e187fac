#include "stage2.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    return stage2_main(argc, argv, NULL);
}
