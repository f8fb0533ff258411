#include "server/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

/* The lowest free descriptor is what is opened. */
bool chat__standard_streams_open(void)
{
    int descriptor;

    do
        descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor >= 0)
        close(descriptor);
    return descriptor >= 0;
}
