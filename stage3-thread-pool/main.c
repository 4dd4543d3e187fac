#include "stage3.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    return stage3_main(argc, argv, NULL);
}
