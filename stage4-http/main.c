#include "stage4.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    return stage4_main(argc, argv, NULL);
}
