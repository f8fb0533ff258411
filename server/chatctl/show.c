#include "server/chatctl/show.h"

#include <stdio.h>

const char *chatctl_show(char shown[CHATCTL_SHOWN_BYTES], const char *text)
{
    size_t length = 0;

    for (; *text != '\0' && length + 5 <= CHATCTL_SHOWN_BYTES; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte >= ' ' && byte <= '~' && byte != '\\')
            shown[length++] = (char)byte;
        else
            length += (size_t)snprintf(
                shown + length, CHATCTL_SHOWN_BYTES - length, "\\x%02x", byte);
    }
    shown[length] = '\0';
    return shown;
}
